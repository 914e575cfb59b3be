//! A client that shows what really goes over the wire.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};

use crate::process::PATIENCE;

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        // A reply that never comes fails the test instead of hanging it.
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).expect("a server that reads");
    }

    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_ref().write_all(bytes)
    }

    /// Sends requests, one frame each, in one write.
    pub(crate) fn request(&mut self, requests: &[&[&str]]) {
        self.send(
            &requests
                .iter()
                .flat_map(|words| frame(words))
                .collect::<Vec<u8>>(),
        );
    }

    /// Sends one request and gives the bytes of its reply.
    pub(crate) fn call(&mut self, words: &[&str]) -> Vec<u8> {
        self.request(&[words]);
        self.reply()
    }

    /// Sends one request and gives its reply's bytes as text.
    pub(crate) fn text(&mut self, words: &[&str]) -> String {
        String::from_utf8_lossy(&self.call(words)).into_owned()
    }

    /// The bytes of the next reply, nested ones included.
    pub(crate) fn reply(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut missing = 1;
        while missing > 0 {
            missing -= 1;
            let start = bytes.len();
            self.stream.read_until(b'\n', &mut bytes).expect("a reply");
            let line = std::str::from_utf8(&bytes[start..]).expect("a header");
            assert!(line.ends_with("\r\n"), "the reply breaks off: {line:?}");
            let number = || line[1..].trim_end().parse::<i64>().expect("a length");
            match line.as_bytes()[0] {
                b'*' => missing += number().max(0),
                b'$' if number() >= 0 => {
                    let body = bytes.len();
                    bytes.resize(body + usize::try_from(number()).expect("a length") + 2, 0);
                    self.stream.read_exact(&mut bytes[body..]).expect("a body");
                }
                b'$' | b'+' | b'-' | b':' => {}
                other => panic!("no type of RESP2: {}", char::from(other)),
            }
        }
        bytes
    }

    /// All that comes until the server closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.stream.read_to_end(&mut bytes) {
            Ok(_) => bytes,
            // The server has closed with requests unread.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => bytes,
            Err(error) => panic!("the server does not close: {error}"),
        }
    }

    /// The next byte, unless the server has closed.
    pub(crate) fn first_byte(&mut self) -> Option<u8> {
        self.stream.fill_buf().ok()?.first().copied()
    }

    /// Says that no more requests come.
    pub(crate) fn finish(&self) {
        self.stream
            .get_ref()
            .shutdown(Shutdown::Write)
            .expect("a connection");
    }
}

/// A request as RESP2 writes it.
pub(crate) fn frame(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
    bytes
}
