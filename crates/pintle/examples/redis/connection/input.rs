//! A connection's unread bytes.

/// Bytes of a buffer that is kept when it is empty.
pub(super) const KEPT: usize = 16 * 1024;

/// A buffer that is read into at one end and consumed at the other.
///
/// It grows by what has come, never by what a client says will come: at most to
/// three times the bytes that it holds.
///
/// # Invariants
///
/// - `start <= end <= buffer.len()`: what is unread lies between the two.
/// - `start` is 0 or less than the bytes behind it: these are moved to the front
///   when that costs no more than what was consumed, however small the pieces.
#[derive(Debug)]
pub(super) struct Input {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    pub(super) fn new() -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            end: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..self.end]
    }

    /// Room for the next read, of at least a few kilobytes; more for a frame
    /// that is known to lack `wants` bytes.
    pub(super) fn room(&mut self, wants: usize) -> &mut [u8] {
        if self.buffer.len() - self.end < KEPT / 4 {
            let more = wants.clamp(KEPT, self.len().max(KEPT));
            self.buffer.resize(self.end + more, 0);
        }
        &mut self.buffer[self.end..]
    }

    /// `bytes` of the room were read into.
    pub(super) fn filled(&mut self, bytes: usize) {
        self.end += bytes;
    }

    /// Removes the first `bytes`. A buffer that a large frame has made large is
    /// given back.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        if self.start < self.len() {
            return;
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() > 4 * KEPT && self.end <= KEPT {
            self.buffer.truncate(KEPT);
            self.buffer.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, KEPT};

    fn put(input: &mut Input, bytes: &[u8]) {
        for piece in bytes.chunks(1000) {
            input.room(usize::MAX)[..piece.len()].copy_from_slice(piece);
            input.filled(piece.len());
        }
    }

    #[test]
    fn grows_with_what_has_come_and_shrinks_again() {
        let mut input = Input::new();
        let bytes: Vec<u8> = (0..1_000_000u32).map(|i| i as u8).collect();
        for upto in [1, 1000, 100_000, 1_000_000] {
            let from = input.len();
            put(&mut input, &bytes[from..upto]);
            assert_eq!(input.bytes(), &bytes[..upto]);
            assert!(input.buffer.len() <= 2 * upto + KEPT);
        }
        input.consume(999_990);
        assert_eq!(input.bytes(), &bytes[999_990..]);
        assert!(input.buffer.capacity() < 4 * KEPT);
        input.consume(10);
        assert_eq!(input.len(), 0);
        assert!(input.room(0).len() >= KEPT / 4);
    }

    #[test]
    fn moves_no_more_than_was_consumed() {
        let bytes: Vec<u8> = (0..1_000_000u32).map(|i| i as u8).collect();
        let mut input = Input::new();
        put(&mut input, &bytes);
        let (mut consumed, mut moved) = (0, 0);
        while consumed < bytes.len() {
            let piece = 700.min(bytes.len() - consumed);
            let start = input.start;
            input.consume(piece);
            consumed += piece;
            assert_eq!(input.bytes(), &bytes[consumed..]);
            if input.start < start {
                moved += input.len();
            }
            // What comes meanwhile goes behind.
            assert!(input.start == 0 || input.start < input.len());
        }
        assert!(moved <= bytes.len());
    }
}
