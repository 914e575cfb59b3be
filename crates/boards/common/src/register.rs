/// A word of a device.
#[derive(Clone, Copy)]
pub struct Register(usize);

// === impl Register ===

impl Register {
    /// The register at this address.
    ///
    /// # Safety
    ///
    /// There is a register of 32 bits, and nothing that is read from it or written to it makes the device
    /// touch the program's memory.
    pub const unsafe fn at(address: usize) -> Self {
        Self(address)
    }

    /// Reads it, which may do something to the device.
    pub fn read(self) -> u32 {
        let register = self.0 as *const u32;
        // SAFETY: by the contract of `at`.
        unsafe { register.read_volatile() }
    }

    /// Writes it.
    pub fn write(self, value: u32) {
        let register = self.0 as *mut u32;
        // SAFETY: by the contract of `at`.
        unsafe { register.write_volatile(value) };
    }
}
