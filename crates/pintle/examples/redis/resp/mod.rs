//! The request side of RESP2: bytes in, frames out, nothing copied.
//!
//! A [`Decoder`] never owns the bytes. It remembers where in the connection's
//! input each argument of each complete frame lies, and how far it has come in
//! the frame that has not arrived whole:
//!
//! ```text
//!    input  *2␍␊$3␍␊GET␍␊$1␍␊k␍␊*3␍␊$3␍␊SET␍␊$1␍␊k␍␊$1000␍␊vvvvv
//!           └──── frame 0 ────┘└──── in progress ─────────────┘
//!           spans    ^^^     ^           ^^^     ^       ^ waits for 1002 bytes
//! ```
//!
//! A byte is looked at once, however small the pieces in which the frame
//! arrives: headers continue the search for their line end where the last call
//! left it, and the body of a bulk string is not looked at but counted.
//!
//! A length that a client claims allocates nothing: memory grows with the bytes
//! that have really come.

use std::ops::Range;

mod inline;
pub(crate) mod number;
pub(crate) mod reply;
#[cfg(test)]
mod tests;

/// The longest header line or inline command, in bytes. Redis's own limit.
const LINE_LIMIT: usize = 64 * 1024;

/// Complete frames that one call finds at most: the places of their arguments may
/// take more room than the frames, and who executes them should come to an end.
const FRAMES: usize = 2048;

/// Places of arguments that a decoder has room for between requests.
const SPANS_KEPT: usize = 1024;

/// Why a client's bytes are not RESP. The connection ends after saying so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProtocolError {
    LineTooLong(Line),
    UnbalancedQuotes,
    InvalidMultibulk,
    InvalidBulk,
    ExpectedBulk(u8),
}

/// The three kinds of line that a frame may consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Inline,
    Multibulk,
    Bulk,
}

impl ProtocolError {
    /// The error as Redis words it, without the type byte and the line end.
    pub(crate) fn message(self) -> Vec<u8> {
        let text: &[u8] = match self {
            Self::LineTooLong(Line::Inline) => b"too big inline request",
            Self::LineTooLong(Line::Multibulk) => b"too big mbulk count string",
            Self::LineTooLong(Line::Bulk) => b"too big bulk count string",
            Self::UnbalancedQuotes => b"unbalanced quotes in request",
            Self::InvalidMultibulk => b"invalid multibulk length",
            Self::InvalidBulk => b"invalid bulk length",
            Self::ExpectedBulk(_) => b"expected '$', got '",
        };
        let mut message = b"ERR Protocol error: ".to_vec();
        message.extend_from_slice(text);
        if let Self::ExpectedBulk(byte) = self {
            message.push(byte);
            message.push(b'\'');
        }
        message
    }
}

/// The arguments of one frame, the command's name first. Never empty.
#[derive(Clone, Copy)]
pub(crate) struct Args<'a> {
    input: &'a [u8],
    spans: &'a [Range<usize>],
}

impl<'a> Args<'a> {
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn name(&self) -> &'a [u8] {
        self.get(0)
    }

    /// The argument at `index`, the command's name being 0.
    ///
    /// # Panics
    ///
    /// If there is none. Handlers run after the arity check.
    pub(crate) fn get(&self, index: usize) -> &'a [u8] {
        &self.input[self.spans[index].clone()]
    }

    /// The arguments from `index` on.
    pub(crate) fn from(&self, index: usize) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let input = self.input;
        self.spans[index.min(self.spans.len())..]
            .iter()
            .map(move |span| &input[span.clone()])
    }
}

/// Finds the frames in a connection's input.
///
/// # Invariants
///
/// - `frame_start <= next <= input.len()`, for the input of the last call.
/// - `ends` ascends and its last element is at most `spans.len()`; the spans
///   behind it belong to the frame in progress.
/// - Every span lies within the input.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// Where the first argument of each complete frame, then of the frame in
    /// progress, lies.
    spans: Vec<Range<usize>>,
    /// For each complete frame, the index in `spans` behind its last argument.
    ends: Vec<usize>,
    /// The first byte of the frame in progress.
    frame_start: usize,
    /// The first byte that has not been consumed.
    next: usize,
    /// How far the search for the current line's end has come.
    searched: usize,
    /// Bulk strings that the frame in progress still lacks; 0 between frames.
    missing: usize,
    /// The length of the bulk string in progress, once its header is read.
    bulk: Option<usize>,
}

impl Decoder {
    /// Finds the complete frames in `input`, which starts with what
    /// [`clear`](Self::clear) left of the last call's: all, or as many as one
    /// call finds. Arguments of an inline command are unquoted in place.
    ///
    /// Linear in the bytes that are new.
    ///
    /// # Errors
    ///
    /// The frames in front of the malformed one are complete and may be used;
    /// the decoder is of no use afterwards.
    pub(crate) fn decode(
        &mut self,
        input: &mut [u8],
        bulk_limit: usize,
    ) -> Result<(), ProtocolError> {
        while self.ends.len() < FRAMES {
            if self.missing == 0 {
                let Some(&first) = input.get(self.next) else {
                    return Ok(());
                };
                let more = match first {
                    b'*' => self.multibulk_header(input)?,
                    _ => self.inline(input)?,
                };
                if !more {
                    return Ok(());
                }
            } else if !self.bulk_string(input, bulk_limit)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// How many complete frames the last calls of [`decode`](Self::decode) found.
    pub(crate) fn frames(&self) -> usize {
        self.ends.len()
    }

    /// The complete frame at `index`.
    pub(crate) fn frame<'a>(&'a self, index: usize, input: &'a [u8]) -> Args<'a> {
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1],
        };
        Args {
            input,
            spans: &self.spans[start..self.ends[index]],
        }
    }

    /// Forgets the complete frames and says how many bytes of the input they
    /// took: the caller removes these before it calls
    /// [`decode`](Self::decode) again.
    pub(crate) fn clear(&mut self) -> usize {
        let done = self.frame_start;
        let complete = self.ends.pop().unwrap_or(0);
        self.ends.clear();
        self.spans.drain(..complete);
        if done > 0 {
            for span in &mut self.spans {
                *span = span.start - done..span.end - done;
            }
            self.frame_start = 0;
            self.next -= done;
            self.searched = self.searched.saturating_sub(done);
        }
        // What one request of very many arguments needed is not kept.
        self.spans.shrink_to(SPANS_KEPT);
        self.ends.shrink_to(SPANS_KEPT);
        done
    }

    /// How many bytes the frame in progress is known to lack: a hint for the
    /// size of the next read.
    pub(crate) fn wants(&self, input_len: usize) -> usize {
        self.bulk
            .map_or(0, |len| (self.next + len + 2).saturating_sub(input_len))
    }

    /// Reads `*<n>␍␊`. `false`: it has not arrived whole.
    fn multibulk_header(&mut self, input: &[u8]) -> Result<bool, ProtocolError> {
        let Some(line) = self.header(input, Line::Multibulk)? else {
            return Ok(false);
        };
        let count = number::parse(&input[line])
            .filter(|&n| n <= i64::from(i32::MAX))
            .ok_or(ProtocolError::InvalidMultibulk)?;
        match usize::try_from(count) {
            // A frame of nothing, or of less: Redis passes over both.
            Err(_) | Ok(0) => self.frame_start = self.next,
            Ok(count) => self.missing = count,
        }
        Ok(true)
    }

    /// Reads what has come of `$<n>␍␊<n bytes>␍␊`. `false`: not all of it.
    fn bulk_string(&mut self, input: &[u8], limit: usize) -> Result<bool, ProtocolError> {
        let len = match self.bulk {
            Some(len) => len,
            None => {
                let Some(&first) = input.get(self.next) else {
                    return Ok(false);
                };
                let Some(line) = self.header(input, Line::Bulk)? else {
                    return Ok(false);
                };
                if first != b'$' {
                    return Err(ProtocolError::ExpectedBulk(first));
                }
                let len = number::parse(&input[line])
                    .and_then(|n| usize::try_from(n).ok())
                    .filter(|&n| n <= limit)
                    .ok_or(ProtocolError::InvalidBulk)?;
                self.bulk = Some(len);
                len
            }
        };
        // Redis does not look at the two bytes behind the body; nor do we, so
        // that whoever gets along with it gets along with this.
        let end = self.next + len;
        if input.len() < end + 2 {
            return Ok(false);
        }
        self.spans.push(self.next..end);
        self.bulk = None;
        self.missing -= 1;
        self.consume_to(end + 2);
        if self.missing == 0 {
            self.end_frame();
        }
        Ok(true)
    }

    /// Reads a line of words. `false`: it has not arrived whole.
    fn inline(&mut self, input: &mut [u8]) -> Result<bool, ProtocolError> {
        let Some(end) = self.find(input, b'\n', Line::Inline)? else {
            return Ok(false);
        };
        let mut line = self.next..end;
        if input[line.clone()].last() == Some(&b'\r') {
            line.end -= 1;
        }
        inline::split(input, line, &mut self.spans).ok_or(ProtocolError::UnbalancedQuotes)?;
        self.consume_to(end + 1);
        self.end_frame();
        Ok(true)
    }

    /// Consumes a header line and gives where the text behind its type byte
    /// lies.
    fn header(&mut self, input: &[u8], kind: Line) -> Result<Option<Range<usize>>, ProtocolError> {
        let Some(end) = self.find(input, b'\r', kind)? else {
            return Ok(None);
        };
        if input.len() < end + 2 {
            self.searched = end;
            return Ok(None);
        }
        // An empty line has no type byte to skip.
        let text = (self.next + 1).min(end)..end;
        self.consume_to(end + 2);
        Ok(Some(text))
    }

    /// Where the first `byte` from `next` on lies.
    fn find(&mut self, input: &[u8], byte: u8, kind: Line) -> Result<Option<usize>, ProtocolError> {
        let from = self.searched.max(self.next);
        let found = input[from..].iter().position(|&b| b == byte);
        if found.is_none() {
            self.searched = input.len();
            if input.len() - self.next > LINE_LIMIT {
                return Err(ProtocolError::LineTooLong(kind));
            }
        }
        Ok(found.map(|at| from + at))
    }

    fn consume_to(&mut self, next: usize) {
        self.next = next;
        self.searched = next;
    }

    /// The spans since the last frame's end make a frame, unless there are none.
    fn end_frame(&mut self) {
        if self.spans.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.spans.len());
        }
        self.frame_start = self.next;
    }
}
