//! Requests that two readers could take for different ones. Each is refused or ends its connection; what hides in it is
//! never taken for a request.

use crate::client::{Client, signature};
use crate::harness::{House, PATH, SECRET, WORKSPACE, notification};

/// A whole, rightly signed request, hidden in another.
fn hidden() -> Vec<u8> {
    let body = notification(WORKSPACE, "notif_hidden");
    let signature = signature(SECRET, &body);
    let headers = [("X-Hub-Signature", signature.as_str())];
    crate::client::request("POST", PATH, &headers, &body)
}

fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let hidden = hidden();
    let length = hidden.len();
    let mut cases: Vec<(&'static str, Vec<u8>)> = Vec::new();
    let mut case = |name, head: &str, rest: &[u8]| {
        let head = head.replace("PATH", PATH);
        cases.push((name, [head.as_bytes(), rest].concat()));
    };
    let zero_then = [b"0\r\n\r\n".as_slice(), &hidden].concat();
    let in_chunk = [
        format!("{length:x}\r\n").as_bytes(),
        &hidden,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    for (name, framing) in [
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
    ] {
        case(
            name,
            &format!("POST PATH HTTP/1.1\r\nHost: x\r\n{framing}\r\n"),
            &zero_then,
        );
        case(
            name,
            &format!("POST PATH HTTP/1.1\r\nHost: x\r\n{framing}\r\n"),
            &in_chunk,
        );
    }
    for (name, lengths) in [
        (
            "two lengths",
            format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
        ),
        (
            "the same length twice",
            format!("Content-Length: {length}\r\nContent-Length: {length}\r\n"),
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
    ] {
        case(
            name,
            &format!("POST PATH HTTP/1.1\r\nHost: x\r\n{lengths}\r\n"),
            &hidden,
        );
    }
    for (name, head) in [
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
    ] {
        case(name, head, &hidden);
    }
    for (name, chunks) in [
        ("a chunk of junk", "zz\r\n"),
        ("a negative chunk", "-1\r\n"),
        ("an endless chunk", "ffffffffffffffffff\r\n"),
        ("a chunk with a bare LF", "0\n\n"),
        ("a chunk without its end", "1\r\nabc\r\n0\r\n\r\n"),
        ("a chunk with blanks", " 0 \r\n\r\n"),
        ("a chunk in another base", "0x0\r\n\r\n"),
    ] {
        case(
            name,
            "POST PATH HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            &[chunks.as_bytes(), &hidden].concat(),
        );
    }
    let many: String = (0..100)
        .map(|number| format!("X-{number}: y\r\n"))
        .collect();
    case(
        "too many headers",
        &format!("POST PATH HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        &hidden,
    );
    let long = "y".repeat(100_000);
    case(
        "a long header",
        &format!("POST PATH HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"),
        &hidden,
    );
    case(
        "a long target",
        &format!("POST PATH?{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        &hidden,
    );
    case("junk", "\0\0\0\r\n\r\n", &hidden);
    cases
}

#[tokio::test]
async fn nothing_is_smuggled_in() {
    let house = House::open().await;
    // The hidden request is a right one where it is not hidden.
    let mut control = Client::connect(house.address).await;
    control
        .send(
            &String::from_utf8(hidden())
                .unwrap()
                .replace("notif_hidden", "notif_x")
                .into_bytes(),
        )
        .await;
    assert_eq!(control.reply().await.unwrap().status, 401);
    for (name, bytes) in cases() {
        let mut client = Client::connect(house.address).await;
        client.send(&bytes).await;
        if let Some(reply) = client.reply().await {
            assert!(
                matches!(reply.status, 400 | 401 | 404 | 405 | 413 | 414 | 431),
                "{name}: {}",
                reply.status
            );
            assert_eq!(reply.stored(), None, "{name}");
            assert!(
                client.ends().await,
                "{name}: goes on after {}",
                reply.status
            );
        }
    }
    assert_eq!(house.in_stream().await, 0, "something was smuggled in");
    house.close().await;
}

#[tokio::test]
async fn a_notification_in_chunks_is_taken_and_ends_its_connection() {
    let house = House::open().await;
    let body = notification(WORKSPACE, "notif_1");
    let signature = signature(SECRET, &body);
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: {signature}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let mut bytes = head.into_bytes();
    for piece in body.chunks(7) {
        bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let mut client = Client::connect(house.address).await;
    client.send(&bytes).await;
    let reply = client.reply().await.unwrap();
    assert_eq!(
        (reply.status, reply.header("connection")),
        (200, Some("close"))
    );
    assert_eq!(&house.streamed(1).await[0].1.body[..], &body[..]);
    house.close().await;
}
