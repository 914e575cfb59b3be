use core::fmt;

/// A serial line that takes formatted text.
pub struct Console {
    send: fn(u8),
}

// === impl Console ===

impl Console {
    /// Text goes out by `send`, which waits while the device has no room.
    pub const fn new(send: fn(u8)) -> Self {
        Self { send }
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                (self.send)(b'\r');
            }
            (self.send)(byte);
        }
        Ok(())
    }
}
