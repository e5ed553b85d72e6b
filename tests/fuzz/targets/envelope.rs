#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| harken_fuzz::envelope::holds(bytes));
