use core::fmt;

/// How long the system lets a name be, in UTF-16 units and with the zero at its end: `MAX_PATH`.
const CAPACITY: usize = 260;

/// The name of a kernel object, by which other processes find it.
///
/// It is kept as the UTF-16 that the system wants, in place: 520 bytes and no allocation. Names are
/// case-sensitive and shared by all kinds of objects. One that begins with `Global\` is seen by all
/// sessions of the machine, one with `Local\`, or neither, by the user's own; otherwise it has no
/// backslash.
///
/// # Examples
///
/// ```
/// use pintle_park::windows::{Name, NameError};
///
/// let name = Name::new("Local\\pintle example")?;
/// assert_eq!(format!("{name:?}"), "\"Local\\\\pintle example\"");
/// assert_eq!(Name::new("a\0b").unwrap_err(), NameError::Zero);
/// # Ok::<(), NameError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// # Invariant
    ///
    /// `units[length]` is the first zero.
    units: [u16; CAPACITY],
    length: usize,
}

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameError {
    /// It is empty, which to the system means no name.
    Empty,
    /// It has more than 259 UTF-16 units.
    TooLong,
    /// It has a zero in it, where the system would take it to end.
    Zero,
}

// === impl Name ===

impl Name {
    /// This text as a name.
    ///
    /// # Errors
    ///
    /// [`NameError`], if it is none. Whether the system takes it shows when it is used.
    pub fn new(name: &str) -> Result<Self, NameError> {
        Self::from_units(name.encode_utf16())
    }

    /// These UTF-16 units as a name, without a zero at the end.
    ///
    /// Unpaired surrogates are fine, as they are to the system.
    ///
    /// # Errors
    ///
    /// [`NameError`], if it is none.
    pub fn from_wide(name: &[u16]) -> Result<Self, NameError> {
        Self::from_units(name.iter().copied())
    }

    fn from_units(name: impl Iterator<Item = u16>) -> Result<Self, NameError> {
        let mut units = [0; CAPACITY];
        let mut length = 0;
        for unit in name {
            if unit == 0 {
                return Err(NameError::Zero);
            }
            if length == CAPACITY - 1 {
                return Err(NameError::TooLong);
            }
            units[length] = unit;
            length += 1;
        }
        if length == 0 {
            return Err(NameError::Empty);
        }
        // INVARIANT: all before are not zero, and what follows still is.
        Ok(Self { units, length })
    }

    /// The UTF-16 units, without the zero at the end.
    #[must_use]
    pub fn as_wide(&self) -> &[u16] {
        &self.units[..self.length]
    }

    /// Where the units begin that end with a zero.
    pub(super) fn as_ptr(&self) -> *const u16 {
        self.units.as_ptr()
    }
}

impl TryFrom<&str> for Name {
    type Error = NameError;

    fn try_from(name: &str) -> Result<Self, NameError> {
        Self::new(name)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for unit in char::decode_utf16(self.as_wide().iter().copied()) {
            match unit {
                Ok(character) => fmt::Display::fmt(&character.escape_debug(), f)?,
                Err(surrogate) => write!(f, "\\u{{{:x}}}", surrogate.unpaired_surrogate())?,
            }
        }
        f.write_str("\"")
    }
}

// === impl NameError ===

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty name",
            Self::TooLong => "a name of more than 259 UTF-16 units",
            Self::Zero => "a name with a zero in it",
        })
    }
}

impl core::error::Error for NameError {}
