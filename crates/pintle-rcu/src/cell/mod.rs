//! Owned values that readers load and writers replace.

mod changed;
mod retired;

pub use self::changed::Changed;
pub use self::retired::Retired;

use crate::{RcuDomain, RcuGuard, Scope, reclaim::Boxed};
use core::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr::{self, NonNull},
};
use pintle_core::atomic::{
    AtomicPtr,
    Ordering::{AcqRel, Acquire},
};

of_a_scope! {
    /// A value on the heap that is read in sections of the scope `S`, by default of `global`,
    /// and replaced.
    ///
    /// One pointer in size. A load is the load of that pointer: no count, no lock, and no wait. Feature `alloc`.
    ///
    /// # Invariants
    ///
    /// `pointer` comes from `Boxed::new`, and the box is the cell's. When it is replaced the box becomes that
    /// of a [`Retired`], which frees it no earlier than a grace period of `S` later.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use pintle_rcu::{RcuCell, global};
    ///
    /// let cell = RcuCell::new(String::from("old"));
    /// {
    ///     let guard = global().enter();
    ///     assert_eq!(cell.load(&guard), "old");
    /// }
    /// let old = cell.replace(String::from("new")).synchronize();
    /// assert_eq!(old, "old");
    /// # }
    /// ```
    ///
    /// What is loaded does not outlive the guard:
    ///
    /// ```compile_fail,E0505
    /// use pintle_rcu::{RcuCell, global};
    ///
    /// let cell = RcuCell::new(1);
    /// let guard = global().enter();
    /// let value = cell.load(&guard);
    /// drop(guard);
    /// println!("{value}");
    /// ```
    ///
    /// It always has a value. Where there may be none, that is one too: `None`, which is put in, taken out and
    /// waited for as any other.
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use pintle_rcu::{RcuCell, global};
    ///
    /// let proxy: RcuCell<Option<String>> = RcuCell::new(None);
    /// assert_eq!(*proxy.load(&global().enter()), None);
    /// assert_eq!(proxy.replace(Some(String::from("localhost:80"))).synchronize(), None);
    /// if let Some(proxy) = proxy.load(&global().enter()) {
    ///     assert_eq!(proxy, "localhost:80");
    /// }
    /// let taken = proxy.replace(None).synchronize();
    /// assert_eq!(taken.as_deref(), Some("localhost:80"));
    /// # }
    /// ```
    pub struct RcuCell<T, S> {
        pointer: AtomicPtr<Boxed<T>>,
        _owns: PhantomData<*mut T>,
        _of: PhantomData<RcuDomain<S>>,
    }
}

// SAFETY: a cell is a box: to send it is to send the value.
unsafe impl<T: Send, S: Scope> Send for RcuCell<T, S> {}
// SAFETY: through a shared cell threads get `&T` at the same time (`T: Sync`), and one thread puts a
// value in that another takes out or drops (`T: Send`).
unsafe impl<T: Send + Sync, S: Scope> Sync for RcuCell<T, S> {}

// === impl RcuCell ===

#[cfg(feature = "std")]
impl<T> RcuCell<T> {
    /// Puts `value` on the heap, for readers of [`global`](crate::global).
    #[must_use]
    pub fn new(value: T) -> Self {
        Self::new_in(value, crate::global())
    }
}

impl<T, S: Scope> RcuCell<T, S> {
    /// Puts `value` on the heap, for readers of `domain`.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_rcu::{RcuCell, RcuDomain, domain::Fences};
    ///
    /// fn this_core() -> usize { 0 }
    ///
    /// pintle_rcu::domain! {
    ///     // SAFETY: there is one core, and no interrupt handler reads.
    ///     unsafe struct Cores { slots: 1, current: this_core, barrier: Fences = Fences }
    /// }
    ///
    /// const CORES: RcuDomain<Cores> = RcuDomain::new();
    ///
    /// let cell = RcuCell::new_in(1, CORES);
    /// assert_eq!(*cell.load(&CORES.enter()), 1);
    /// assert_eq!(cell.replace(2).synchronize(), 1);
    /// ```
    #[must_use]
    pub fn new_in(value: T, domain: RcuDomain<S>) -> Self {
        let _ = domain;
        Self {
            pointer: AtomicPtr::new(Boxed::new(value).as_ptr()),
            _owns: PhantomData,
            _of: PhantomData,
        }
    }

    /// The current value, for as long as the section lasts.
    ///
    /// It does not change under the reader's hands; the next load may give another one. What was written
    /// before the `replace` that put it there is visible.
    #[inline]
    pub fn load<'g>(&'g self, guard: &'g RcuGuard<S>) -> &'g T {
        let _ = guard;
        // Acquire pairs with the Release in `replace`: the value is seen initialised.
        let pointer = self.pointer.load(Acquire);
        // SAFETY: by the invariant it points to a value that is freed no earlier than a grace period
        // after it has been replaced, or with the cell. The first cannot be before the section ends,
        // which `guard` keeps open for 'g, the second not before 'g ends, as the cell is borrowed.
        unsafe { &(*pointer).value }
    }

    /// Puts `value` in the place of the current one, which readers may be looking at until a grace period
    /// has passed.
    ///
    /// Does not wait, and may be called within a section. Allocates.
    pub fn replace(&self, value: T) -> Retired<T, S> {
        let new = Boxed::new(value).as_ptr();
        // Release pairs with the Acquire in `load`; Acquire with the Release of the replace that has put
        // the old value there, which we are going to own.
        let old = self.pointer.swap(new, AcqRel);
        // SAFETY: by the invariant it comes from a box, and that is not null.
        let old = unsafe { NonNull::new_unchecked(old) };
        // SAFETY: by the invariant, and it was the cell's until now.
        unsafe { Retired::new(old) }
    }

    /// As [`replace`](Self::replace), if the value is still `current`, the very one that a
    /// [`load`](Self::load) has given.
    ///
    /// # Errors
    ///
    /// [`Changed`] gives `value` back, if it is another.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use pintle_rcu::{Changed, RcuCell, global};
    ///
    /// let cell = RcuCell::new(1);
    /// let guard = global().enter();
    /// let one = cell.load(&guard);
    /// let retired = cell.try_replace(one, one + 1).unwrap();
    /// let Err(Changed(ten)) = cell.try_replace(one, 10) else { panic!("it is 2 now") };
    /// assert_eq!(ten, 10);
    /// drop(guard);
    /// assert_eq!(retired.synchronize(), 1);
    /// # }
    /// ```
    pub fn try_replace(&self, current: &T, value: T) -> Result<Retired<T, S>, Changed<T>> {
        let new = Boxed::new(value);
        // The value is the first field.
        let current = ptr::from_ref(current).cast_mut().cast();
        // AcqRel as in `replace`. The address says that it is the same value, and not one that came to its
        // place: a reference to the value is alive, so it was not freed. Acquire where it fails is not
        // needed, as nothing is read.
        match self
            .pointer
            .compare_exchange(current, new.as_ptr(), AcqRel, Acquire)
        {
            Ok(old) => {
                // SAFETY: by the invariant it comes from a box, and that is not null.
                let old = unsafe { NonNull::new_unchecked(old) };
                // SAFETY: by the invariant, and it was the cell's until now.
                Ok(unsafe { Retired::new(old) })
            }
            // SAFETY: it is new, and nobody has seen it.
            Err(_) => Err(Changed(unsafe { Boxed::into_value(new) })),
        }
    }

    /// Replaces the value by what `change` makes of it, which is tried again if it was replaced meanwhile.
    ///
    /// `change` runs in a section. Allocates, does not wait, and is lock-free.
    ///
    /// # Panics
    ///
    /// If `change` does: then nothing is changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use pintle_rcu::RcuCell;
    ///
    /// let cell = RcuCell::new(vec![1]);
    /// let old = cell.update(|numbers| [numbers.as_slice(), &[2]].concat());
    /// assert_eq!(old.synchronize(), [1]);
    /// assert_eq!(cell.into_inner(), [1, 2]);
    /// # }
    /// ```
    pub fn update(&self, mut change: impl FnMut(&T) -> T) -> Retired<T, S> {
        loop {
            let guard = RcuDomain::<S>::new().enter();
            let current = self.load(&guard);
            match self.try_replace(current, change(current)) {
                Ok(old) => return old,
                Err(Changed(unused)) => {
                    // In this order: its `Drop` may wait for readers.
                    drop(guard);
                    drop(unused);
                }
            }
        }
    }

    /// The value, without a section: nobody else has access.
    pub fn get_mut(&mut self) -> &mut T {
        let pointer = *self.pointer.get_mut();
        // SAFETY: by the invariant it points to a value, and `&mut self` says that nobody else does.
        unsafe { &mut (*pointer).value }
    }

    /// Takes the value out of the cell. Does not wait: nobody else has access.
    pub fn into_inner(self) -> T {
        let mut cell = ManuallyDrop::new(self);
        // SAFETY: the cell is not dropped, and used no more.
        unsafe { cell.take() }
    }

    /// Takes the value out.
    ///
    /// # Safety
    ///
    /// The cell is not used any more.
    unsafe fn take(&mut self) -> T {
        let pointer = *self.pointer.get_mut();
        // SAFETY: by the invariant it comes from a box, and that is not null.
        let pointer = unsafe { NonNull::new_unchecked(pointer) };
        // SAFETY: by the invariant the box is the cell's. Nobody has access: what was loaded from the cell has
        // borrowed it.
        unsafe { Boxed::into_value(pointer) }
    }
}

impl<T, S: Scope> Drop for RcuCell<T, S> {
    fn drop(&mut self) {
        // SAFETY: this is its end.
        drop(unsafe { self.take() });
    }
}

#[cfg(feature = "std")]
impl<T> From<T> for RcuCell<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default, S: Scope> Default for RcuCell<T, S> {
    fn default() -> Self {
        Self::new_in(T::default(), RcuDomain::new())
    }
}

impl<T: fmt::Debug, S: Scope> fmt::Debug for RcuCell<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guard = RcuDomain::<S>::new().enter();
        f.debug_tuple("RcuCell").field(self.load(&guard)).finish()
    }
}
