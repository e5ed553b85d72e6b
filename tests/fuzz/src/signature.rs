use harken_intercom::webhook::HubSignature;
use sha1::{Digest as _, Sha1};

/// Of one block of SHA-1.
const BLOCK: usize = 64;

/// Of any header, key and body: the header verifies if and only if it is what the definition of HMAC says, in Intercom's
/// spelling. The first byte tells where the header ends and whether it is the right one with one byte changed.
pub fn holds(bytes: &[u8]) {
    let [first, rest @ ..] = bytes else {
        return;
    };
    let (header, rest) = split(rest, usize::from(first >> 1));
    let (key, body) = split(rest, usize::from(first & 0x3f));
    let right = written(key, body);
    if first & 1 == 0 {
        agree(header, &right, key, body);
        return;
    }
    let mut changed = right.clone();
    if let [place, change, ..] = header {
        let place = usize::from(*place) % changed.len();
        changed[place] ^= change;
    }
    agree(&changed, &right, key, body);
}

fn agree(header: &[u8], right: &[u8], key: &[u8], body: &[u8]) {
    let verifies = HubSignature::parse(header).is_ok_and(|read| read.verifies(key, body));
    assert_eq!(verifies, header == right && !key.is_empty());
}

fn split(bytes: &[u8], at: usize) -> (&[u8], &[u8]) {
    bytes.split_at(at.min(bytes.len()))
}

/// As Intercom writes it.
fn written(key: &[u8], body: &[u8]) -> Vec<u8> {
    let digits = by_definition(key, body);
    let digits = digits
        .iter()
        .flat_map(|byte| format!("{byte:02x}").into_bytes());
    b"sha1=".iter().copied().chain(digits).collect()
}

/// RFC 2104, word by word.
fn by_definition(key: &[u8], body: &[u8]) -> Vec<u8> {
    let mut block = [0; BLOCK];
    let hashed = Sha1::digest(key);
    let key = if key.len() > BLOCK { &hashed[..] } else { key };
    block[..key.len()].copy_from_slice(key);
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha1::new()
        .chain_update(padded(0x36))
        .chain_update(body)
        .finalize();
    let outer = Sha1::new().chain_update(padded(0x5c)).chain_update(inner);
    outer.finalize().to_vec()
}
