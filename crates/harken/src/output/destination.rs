use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Gathers what is written.
pub(crate) type Writer = BufWriter<Box<dyn Write + Send>>;

/// Standard output, or a file that takes its name only once it is whole.
pub(crate) struct Destination {
    place: Option<Place>,
}

struct Place {
    named: PathBuf,
    growing: PathBuf,
    file: Option<fs::File>,
}

impl Destination {
    /// Takes standard output where no file, or `-`, is named.
    pub(crate) fn open(named: Option<&Path>) -> Result<Self, Failure> {
        let Some(named) = named.filter(|path| *path != Path::new("-")) else {
            return Ok(Self { place: None });
        };
        let mut growing = named.as_os_str().to_owned();
        growing.push(".partial");
        let growing = PathBuf::from(growing);
        let file =
            fs::File::create(&growing).map_err(|cause| Failure::file("write", &growing, &cause))?;
        Ok(Self {
            place: Some(Place {
                named: named.to_owned(),
                growing,
                file: Some(file),
            }),
        })
    }

    /// Where to write; once.
    pub(crate) fn writer(&mut self) -> Writer {
        let out: Box<dyn Write + Send> =
            match self.place.as_mut().and_then(|place| place.file.take()) {
                Some(file) => Box::new(file),
                None => Box::new(io::stdout()),
            };
        BufWriter::with_capacity(64 * 1024, out)
    }

    /// Gives the file its name, now that it is whole.
    pub(crate) fn keep(&mut self) -> Result<(), Failure> {
        let Some(Place { named, growing, .. }) = self.place.take() else {
            return Ok(());
        };
        fs::rename(&growing, &named).map_err(|cause| Failure::file("write", &named, &cause))
    }
}

/// What is not whole is not left behind.
impl Drop for Destination {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            let _ = fs::remove_file(&place.growing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_its_name_only_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().join("out.jsonl");
        let mut abandoned = Destination::open(Some(&named)).unwrap();
        abandoned.writer().write_all(b"half").unwrap();
        drop(abandoned);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut whole = Destination::open(Some(&named)).unwrap();
        let mut out = whole.writer();
        out.write_all(b"whole").unwrap();
        out.flush().unwrap();
        whole.keep().unwrap();
        assert_eq!(fs::read_to_string(&named).unwrap(), "whole");
    }
}
