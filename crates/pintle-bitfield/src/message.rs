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
                self = self.byte(text[i]);
                i += 1;
            }
        }
        self
    }

    const fn byte(mut self, byte: u8) -> Self {
        if self.len < Self::SIZE {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        self
    }

    pub(crate) const fn number(self, number: u32) -> Self {
        let this = if number >= 10 {
            self.number(number / 10)
        } else {
            self
        };
        this.byte(b'0' + (number % 10) as u8)
    }

    pub(crate) const fn hex(self, number: u128) -> Self {
        let mut this = self.text("0x");
        let mut digits = (128 - number.leading_zeros()).div_ceil(4);
        if digits == 0 {
            digits = 1;
        }
        while digits > 0 {
            digits -= 1;
            let digit = (number >> (4 * digits)) & 0xF;
            this = this.byte(b"0123456789abcdef"[digit as usize]);
        }
        this
    }

    pub(crate) const fn range(self, start: u32, end: u32) -> Self {
        self.number(start).text("..").number(end)
    }

    /// Adds `1 unit` or `n units`.
    pub(crate) const fn count(self, n: u32, unit: &str) -> Self {
        let this = self.number(n).text(" ").text(unit);
        if n == 1 { this } else { this.text("s") }
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
            .hex(0)
            .text(" ")
            .hex(0xF0A)
            .text(" ")
            .hex(u128::MAX)
            .text(" ")
            .range(9, 10)
            .text(" ")
            .count(1, "bit")
            .text(" ")
            .count(2, "bit");
        assert_eq!(
            TEXT.as_str(),
            "0 4294967295 0x0 0xf0a 0xffffffffffffffffffffffffffffffff 9..10 1 bit 2 bits"
        );
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        let long = "é".repeat(Message::SIZE / 2);
        let text = Message::new().text("a").text(&long).text("b");
        assert_eq!(text.as_str(), "ab");
        assert_eq!(Message::new().text(&long).text("b").as_str(), long);
    }
}
