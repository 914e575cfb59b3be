/// A kernel object, and whether it was there before.
#[derive(Debug)]
#[must_use = "if the object existed it is not as it was asked to be, and somebody else has it, too"]
pub enum Created<T> {
    /// It is new, and as it was asked to be.
    New(T),
    /// There is an object of that name already: this is another handle to it, and what was asked
    /// (signalled or not, how it is reset, how many) is ignored.
    Existed(T),
}

// === impl Created ===

impl<T> Created<T> {
    /// The object, either way.
    pub fn into_inner(self) -> T {
        match self {
            Self::New(object) | Self::Existed(object) => object,
        }
    }

    /// Whether it is new.
    pub fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }

    pub(super) fn map<U>(self, f: impl FnOnce(T) -> U) -> Created<U> {
        match self {
            Self::New(object) => Created::New(f(object)),
            Self::Existed(object) => Created::Existed(f(object)),
        }
    }
}
