//! The smuggling set: heads, framings and chunks that two readers take differently, each before a hidden request.

use crate::harness::PATH;

/// Its name and its bytes.
pub(crate) type Case = (&'static str, Vec<u8>);

pub(crate) fn all(hidden: &[u8]) -> Vec<Case> {
    [
        framed(hidden),
        measured(hidden),
        headed(hidden),
        chunked(hidden),
        large(hidden),
    ]
    .concat()
}

fn case(name: &'static str, head: &str, rest: &[u8]) -> Case {
    let head = head.replace("PATH", PATH);
    (name, [head.as_bytes(), rest].concat())
}

fn framed(hidden: &[u8]) -> Vec<Case> {
    let length = hidden.len();
    let zero_then = [b"0\r\n\r\n".as_slice(), hidden].concat();
    let in_chunk = [
        format!("{length:x}\r\n").as_bytes(),
        hidden,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let framings = [
        (
            "CL.TE",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "TE.CL",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        ),
        (
            "TE twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        ),
        (
            "TE chunked, chunked",
            "Transfer-Encoding: chunked, chunked\r\n",
        ),
        (
            "TE chunked, identity",
            "Transfer-Encoding: chunked, identity\r\n",
        ),
        ("TE xchunked", "Transfer-Encoding: xchunked\r\n"),
        ("TE with a tab", "Transfer-Encoding:\tchunked\r\n"),
        ("TE with a form feed", "Transfer-Encoding: \x0cchunked\r\n"),
        (
            "TE before a colon with a blank",
            "Transfer-Encoding : chunked\r\n",
        ),
        ("TE folded", "X: y\r\n Transfer-Encoding: chunked\r\n"),
        ("TE in capitals", "TRANSFER-ENCODING: CHUNKED\r\n"),
        ("TE alone", "Transfer-Encoding: chunked\r\n"),
    ];
    let head = |framing| format!("POST PATH HTTP/1.1\r\nHost: x\r\n{framing}\r\n");
    framings
        .into_iter()
        .flat_map(|(name, framing)| {
            [&zero_then, &in_chunk].map(|rest| case(name, &head(framing), rest))
        })
        .collect()
}

fn measured(hidden: &[u8]) -> Vec<Case> {
    let length = hidden.len();
    let lengths = [
        (
            "two lengths",
            format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
        ),
        (
            "two lengths in one",
            format!("Content-Length: 0, {length}\r\n"),
        ),
        ("a signed length", "Content-Length: +0\r\n".to_owned()),
        ("a negative length", "Content-Length: -1\r\n".to_owned()),
        ("a hexadecimal length", "Content-Length: 0x0\r\n".to_owned()),
        (
            "an endless length",
            "Content-Length: 99999999999999999999999\r\n".to_owned(),
        ),
        (
            "a length folded",
            format!("Content-Length:\r\n {length}\r\n"),
        ),
        ("an empty length", "Content-Length: \r\n".to_owned()),
    ];
    lengths
        .into_iter()
        .map(|(name, length)| {
            let head = format!("POST PATH HTTP/1.1\r\nHost: x\r\n{length}\r\n");
            case(name, &head, hidden)
        })
        .collect()
}

fn headed(hidden: &[u8]) -> Vec<Case> {
    [
        (
            "bare LF",
            "POST PATH HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
        ),
        (
            "one bare LF",
            "POST PATH HTTP/1.1\r\nHost: x\r\nX: y\nContent-Length: 0\r\n\r\n",
        ),
        (
            "bare CR",
            "POST PATH HTTP/1.1\r\nHost: x\r\nX: y\rContent-Length: 0\r\n\r\n",
        ),
        (
            "absolute form",
            "POST http://other/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "absolute form of ours",
            "POST http://xPATH HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "authority form",
            "CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n",
        ),
        ("no host", "POST PATH HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
        (
            "two hosts",
            "POST PATH HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "NUL in a value",
            "POST PATH HTTP/1.1\r\nHost: x\r\nX: \0\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "a name with a blank",
            "POST PATH HTTP/1.1\r\nHost: x\r\nX Y: z\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "another version",
            "POST PATH HTTP/9.9\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        ),
        ("no version", "POST PATH\r\n\r\n"),
        (
            "chunks in HTTP/1.0",
            "POST PATH HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        ("junk", "\0\0\0\r\n\r\n"),
    ]
    .map(|(name, head)| case(name, head, hidden))
    .to_vec()
}

fn chunked(hidden: &[u8]) -> Vec<Case> {
    let head = "POST PATH HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    [
        ("a chunk of junk", "zz\r\n"),
        ("a negative chunk", "-1\r\n"),
        ("an endless chunk", "ffffffffffffffffff\r\n"),
        ("a chunk with a bare LF", "0\n\n"),
        ("a chunk without its end", "1\r\nabc\r\n0\r\n\r\n"),
        ("a chunk with blanks", " 0 \r\n\r\n"),
        ("a chunk in another base", "0x0\r\n\r\n"),
    ]
    .map(|(name, chunks)| case(name, head, &[chunks.as_bytes(), hidden].concat()))
    .to_vec()
}

fn large(hidden: &[u8]) -> Vec<Case> {
    let (many, long) = ("X: y\r\n".repeat(100), "y".repeat(100_000));
    [
        (
            "too many headers",
            format!("POST PATH HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        ),
        (
            "a long header",
            format!("POST PATH HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"),
        ),
        (
            "a long target",
            format!("POST PATH?{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        ),
    ]
    .map(|(name, head)| case(name, &head, hidden))
    .to_vec()
}
