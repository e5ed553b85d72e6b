//! Just enough of the NATS protocol to ask JetStream a question.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub(crate) struct Nats {
    reader: BufReader<TcpStream>,
}

impl Nats {
    /// Connects to `nats://user:password@host:port`.
    pub(crate) fn connect(url: &str) -> Self {
        let (credentials, address) = url
            .strip_prefix("nats://")
            .unwrap()
            .split_once('@')
            .unwrap();
        let (user, password) = credentials.split_once(':').unwrap();
        let mut nats = Self::greet(address);
        nats.send(&format!(
            "CONNECT {{\"user\":\"{user}\",\"pass\":\"{password}\",\"verbose\":false}}\r\n"
        ));
        nats.send("SUB answer 1\r\n");
        nats
    }

    /// What the server says to somebody who shows no password.
    pub(crate) fn knock(url: &str) -> String {
        let mut nats = Self::greet(url.split_once('@').unwrap().1);
        nats.send("CONNECT {\"verbose\":false}\r\nPING\r\n");
        nats.line()
    }

    /// Asks `subject` and returns the answer's body.
    pub(crate) fn ask(&mut self, subject: &str, body: &str) -> String {
        self.send(&format!(
            "PUB {subject} answer {}\r\n{body}\r\n",
            body.len()
        ));
        loop {
            let line = self.line();
            if let Some(rest) = line.strip_prefix("MSG ") {
                let size: usize = rest.split(' ').next_back().unwrap().parse().unwrap();
                let mut answer = vec![0; size + 2];
                self.reader.read_exact(&mut answer).unwrap();
                return String::from_utf8(answer).unwrap();
            }
            assert!(!line.starts_with("-ERR"), "{line}");
        }
    }

    fn greet(address: &str) -> Self {
        let connection = TcpStream::connect(address).unwrap();
        connection
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut nats = Self {
            reader: BufReader::new(connection),
        };
        assert!(nats.line().starts_with("INFO "));
        nats
    }

    fn send(&mut self, text: &str) {
        self.reader.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
