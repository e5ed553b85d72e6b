use std::hash::{Hash, Hasher};

use sha2::{Digest as _, Sha256};

/// Says whether two records are the same without comparing them.
pub(crate) type Fingerprint = [u8; 16];

/// The fingerprint of a record. A change of its shape changes it, which costs one needless write per record.
pub(crate) fn fingerprint(record: &impl Hash) -> Fingerprint {
    let mut hasher = Sha(Sha256::new());
    record.hash(&mut hasher);
    let digest = hasher.0.finalize();
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(&digest[..16]);
    fingerprint
}

struct Sha(Sha256);

impl Hasher for Sha {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Never asked: [`fingerprint`] takes the digest itself.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_that_moves_changes_the_fingerprint() {
        assert_eq!(fingerprint(&("ab", "c")), fingerprint(&("ab", "c")));
        assert_ne!(fingerprint(&("ab", "c")), fingerprint(&("a", "bc")));
        assert_ne!(
            fingerprint(&(None::<&str>, "")),
            fingerprint(&(Some(""), ""))
        );
    }
}
