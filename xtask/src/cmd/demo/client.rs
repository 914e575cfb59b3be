//! As much of a Redis client as the demo needs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A reply, by RESP2's types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cmd) enum Reply {
    Simple(String),
    Error(String),
    Integer(i64),
    /// `None`: nil.
    Bulk(Option<Vec<u8>>),
    /// `None`: nil.
    Array(Option<Vec<Reply>>),
}

/// A connection. Requests are collected and sent together.
pub(in crate::cmd) struct Client {
    stream: BufReader<TcpStream>,
    requests: Vec<u8>,
}

// === impl Client ===

impl Client {
    pub(in crate::cmd) fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("cannot connect")?;
        stream.set_nodelay(true)?;
        // A server that hangs ends the demo, not the other way round.
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self {
            stream: BufReader::new(stream),
            requests: Vec::new(),
        })
    }

    /// Adds a request to the next [`send`](Self::send).
    pub(in crate::cmd) fn push(&mut self, words: &[&[u8]]) {
        // Writing to a vector does not fail.
        let _ = write!(self.requests, "*{}\r\n", words.len());
        for word in words {
            let _ = write!(self.requests, "${}\r\n", word.len());
            self.requests.extend_from_slice(word);
            self.requests.extend_from_slice(b"\r\n");
        }
    }

    /// Sends what was pushed.
    pub(in crate::cmd) fn send(&mut self) -> Result<()> {
        self.stream.get_ref().write_all(&self.requests)?;
        self.requests.clear();
        Ok(())
    }

    /// Sends one request and waits for its reply.
    pub(in crate::cmd) fn call(&mut self, words: &[&[u8]]) -> Result<Reply> {
        self.push(words);
        self.send()?;
        self.reply()
    }

    /// What INFO says.
    pub(in crate::cmd) fn info(&mut self) -> Result<String> {
        match self.call(&[b"INFO"])? {
            Reply::Bulk(Some(text)) => Ok(String::from_utf8(text)?),
            other => bail!("INFO: {other:?}"),
        }
    }

    /// Waits for the next reply.
    pub(in crate::cmd) fn reply(&mut self) -> Result<Reply> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line)?;
        let Some([kind, text @ ..]) = line.strip_suffix(b"\r\n") else {
            bail!("the server has closed the connection");
        };
        let text = std::str::from_utf8(text)?;
        Ok(match kind {
            b'+' => Reply::Simple(text.to_owned()),
            b'-' => Reply::Error(text.to_owned()),
            b':' => Reply::Integer(text.parse()?),
            b'$' => Reply::Bulk(match length(text)? {
                Some(len) => Some(self.bulk(len)?),
                None => None,
            }),
            b'*' => Reply::Array(match length(text)? {
                Some(len) => Some((0..len).map(|_| self.reply()).collect::<Result<_>>()?),
                None => None,
            }),
            _ => bail!("not a reply: {line:?}"),
        })
    }

    fn bulk(&mut self, len: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; len + 2];
        self.stream.read_exact(&mut bytes)?;
        bytes.truncate(len);
        Ok(bytes)
    }
}

/// A length; `-1` is nil.
fn length(text: &str) -> Result<Option<usize>> {
    match text {
        "-1" => Ok(None),
        text => Ok(Some(text.parse()?)),
    }
}
