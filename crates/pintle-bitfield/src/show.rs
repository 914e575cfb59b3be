//! How a bitfield is written: as a struct, as a table, as the list of what is set.

#![expect(
    missing_debug_implementations,
    reason = "these live for one call of a formatter, which they are the arguments of"
)]

use core::fmt::{self, Display, Formatter, LowerHex, Write as _};

use crate::layout::Span;

/// A bitfield's word and fields.
pub struct Shown<'a> {
    /// Name of the bitfield.
    pub name: &'static str,
    /// The word.
    pub bits: u128,
    /// How many bits the word has.
    pub width: u32,
    /// The fields, as they were declared.
    pub fields: &'a [ShownField<'a>],
}

/// One field of [`Shown`].
pub struct ShownField<'a> {
    /// Name of the field.
    pub name: &'static str,
    /// Where it lies.
    pub span: Span,
    /// What it holds.
    pub value: &'a dyn fmt::Debug,
}

/// What a field holds: a value, or bits that are none.
pub struct Value<T, E, B> {
    /// The value, if the bits are one.
    pub value: Result<T, E>,
    /// The field's bits.
    pub bits: B,
}

/// Displays by a closure.
pub struct DisplayWith<F>(pub F);

/// Writes `name(…)` around what `bits` writes.
///
/// # Errors
///
/// If `f` fails.
pub fn named(
    f: &mut Formatter<'_>,
    name: &str,
    bits: impl FnOnce(&mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    f.write_str(name)?;
    f.write_char('(')?;
    bits(f)?;
    f.write_char(')')
}

// === impl Value ===

impl<T: fmt::Debug, E, B: LowerHex> fmt::Debug for Value<T, E, B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.value {
            Ok(value) => value.fmt(f),
            Err(_) => write!(f, "Invalid({:#x})", self.bits),
        }
    }
}

// === impl DisplayWith ===

impl<F> Display for DisplayWith<F>
where
    F: Fn(&mut Formatter<'_>) -> fmt::Result,
{
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

// === impl ShownField ===

impl ShownField<'_> {
    /// A name with an underscore in front is nobody's business; a field without bits has no place.
    fn is_shown(&self) -> bool {
        !self.name.starts_with('_')
    }

    fn has_place(&self) -> bool {
        self.span.width > 0
    }

    /// Index of the last bit, of a field that has a place.
    fn last(&self) -> u32 {
        self.span.start + self.span.width - 1
    }

    fn contains(&self, bit: u32) -> bool {
        (self.span.start..self.span.start + self.span.width).contains(&bit)
    }

    /// The bit under which the field's line of the table hangs.
    fn stem(&self) -> u32 {
        self.span.start + self.span.width / 2
    }
}

// === impl Shown ===

impl Shown<'_> {
    fn is_set(&self, bit: u32) -> bool {
        self.bits >> bit & 1 == 1
    }

    fn write_bits(&self, f: &mut Formatter<'_>, span: Span) -> fmt::Result {
        for bit in (span.start..span.start + span.width).rev() {
            f.write_char(if self.is_set(bit) { '1' } else { '0' })?;
        }
        Ok(())
    }

    fn write_word(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_bits(
            f,
            Span {
                start: 0,
                width: self.width,
            },
        )
    }

    fn shown(&self) -> impl Iterator<Item = &ShownField<'_>> {
        self.fields.iter().filter(|field| field.is_shown())
    }

    /// The fields from the least significant bit on, wherever they were declared.
    fn by_place(&self) -> impl Iterator<Item = &ShownField<'_>> {
        let key = |&i: &usize| (self.fields[i].span.start, i);
        let after = move |last: &usize| {
            let last = key(last);
            (0..self.fields.len())
                .filter(|i| key(i) > last)
                .min_by_key(key)
        };
        let first = (0..self.fields.len()).min_by_key(key);
        core::iter::successors(first, after)
            .map(|i| &self.fields[i])
            .filter(|field| field.is_shown())
    }

    /// Writes the word as a struct.
    ///
    /// # Errors
    ///
    /// If `f` fails.
    pub fn debug(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct(self.name);
        for field in self.shown() {
            debug.field(field.name, field.value);
        }
        debug.finish()
    }

    /// Writes the fields that are not zero: a bit by its name, others with their value.
    ///
    /// # Errors
    ///
    /// If `f` fails.
    pub fn set_bits(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for field in self.shown() {
            let Span { start, width } = field.span;
            if !(start..start + width).any(|bit| self.is_set(bit)) {
                continue;
            }
            f.write_str(separator)?;
            f.write_str(field.name)?;
            if width > 1 {
                write!(f, "={:?}", field.value)?;
            }
            separator = " | ";
        }
        if separator.is_empty() {
            f.write_str("(none)")?;
        }
        Ok(())
    }

    /// Writes the word, and below it each field's bits at their place.
    ///
    /// # Errors
    ///
    /// If `f` fails.
    pub fn table_ascii(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_word(f)?;
        for field in self.by_place() {
            f.write_char('\n')?;
            for bit in (0..self.width).rev() {
                f.write_char(match (field.contains(bit), self.is_set(bit)) {
                    (false, _) => '.',
                    (true, false) => '0',
                    (true, true) => '1',
                })?;
            }
            write!(f, " {}: {:?}", field.name, field.value)?;
        }
        Ok(())
    }

    /// Writes the word, a bracket under each field, and a line from each bracket to what it holds.
    ///
    /// # Errors
    ///
    /// If `f` fails.
    pub fn table_unicode(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_word(f)?;
        let placed = || self.by_place().filter(|field| field.has_place());
        let Some(first) = placed().next() else {
            return Ok(());
        };

        f.write_char('\n')?;
        for bit in (first.span.start..self.width).rev() {
            f.write_char(match placed().find(|field| field.contains(bit)) {
                None => ' ',
                Some(field) if field.span.width == 1 => '│',
                Some(field) if field.span.width == 2 && bit == field.stem() => '├',
                Some(field) if bit == field.last() => '└',
                Some(field) if bit == field.span.start => '┘',
                Some(field) if bit == field.stem() => '┬',
                Some(_) => '─',
            })?;
        }

        // The stems still open are those of the fields further left, that is, of the later ones.
        for (i, field) in placed().enumerate() {
            f.write_char('\n')?;
            for bit in (field.stem() + 1..self.width).rev() {
                let open = placed().skip(i + 1).any(|later| later.stem() == bit);
                f.write_char(if open { '│' } else { ' ' })?;
            }
            f.write_char('└')?;
            for _ in 0..field.stem() {
                f.write_char('─')?;
            }
            write!(f, " {}: {:?} (", field.name, field.value)?;
            self.write_bits(f, field.span)?;
            f.write_char(')')?;
        }
        Ok(())
    }
}
