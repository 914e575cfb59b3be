//! Text made in a constant, whose panics show a `&str` and format nothing.

/// A line of text. What is too long for it is left out.
pub(crate) struct Message {
    bytes: [u8; Message::SIZE],
    len: usize,
}

// === impl Message ===

impl Message {
    const SIZE: usize = 256;

    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; Self::SIZE],
            len: 0,
        }
    }

    /// Adds `text`, or none of it if it is too long.
    pub(crate) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if text.len() <= Self::SIZE - self.len {
            let mut i = 0;
            while i < text.len() {
                self.bytes[self.len] = text[i];
                self.len += 1;
                i += 1;
            }
        }
        self
    }

    pub(crate) const fn number(self, number: u32) -> Self {
        self.digits(number, 10)
    }

    pub(crate) const fn range(self, start: u32, end: u32) -> Self {
        self.number(start).text("..").number(end)
    }

    /// Adds `1 unit` or `n units`.
    pub(crate) const fn count(self, n: u32, unit: &str) -> Self {
        let this = self.number(n).text(" ").text(unit);
        if n == 1 { this } else { this.text("s") }
    }

    const fn digits(self, number: u32, base: u32) -> Self {
        let mut this = if number >= base {
            self.digits(number / base, base)
        } else {
            self
        };
        if this.len < Self::SIZE {
            this.bytes[this.len] = b"0123456789abcdef"[(number % base) as usize];
            this.len += 1;
        }
        this
    }

    pub(crate) const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => unreachable!(),
        }
    }

    /// Panics with the message.
    #[cold]
    #[track_caller]
    pub(crate) const fn panic(self) -> ! {
        panic!("{}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn numbers() {
        const TEXT: Message = Message::new()
            .number(0)
            .text(" ")
            .number(u32::MAX)
            .text(" ")
            .range(9, 10)
            .text(" ")
            .count(1, "bit")
            .text(" ")
            .count(2, "bit");
        assert_eq!(TEXT.as_str(), "0 4294967295 9..10 1 bit 2 bits");
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        let long = "é".repeat(Message::SIZE / 2);
        let text = Message::new().text("a").text(&long).text("b");
        assert_eq!(text.as_str(), "ab");
        assert_eq!(Message::new().text(&long).text("b").as_str(), long);
    }
}
