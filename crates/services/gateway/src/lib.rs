#![doc = include_str!("../README.md")]

mod assets;
mod rules;
mod views;
