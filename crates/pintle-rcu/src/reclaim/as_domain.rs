use crate::domain::{Barrier, Domain};

/// What stands for a domain: an [`RcuDomain`](crate::RcuDomain) for that of its scope, `&'static Domain` for
/// any.
pub trait AsDomain: sealed::Sealed {
    /// The barrier of the domain.
    type Barrier: Barrier + Sync + 'static;

    /// The domain, the same one each time.
    fn as_domain(&self) -> &'static Domain<Self::Barrier>;

    /// Whether the caller is in a section of it, as far as is known: of an [`RcuDomain`](crate::RcuDomain) it
    /// is, of a `Domain` it is not.
    fn is_inside(&self) -> bool;
}

mod sealed {
    pub trait Sealed {}
}

impl<B: Barrier + 'static> sealed::Sealed for &'static Domain<B> {}

impl<B: Barrier + Sync + 'static> AsDomain for &'static Domain<B> {
    type Barrier = B;

    #[inline]
    fn as_domain(&self) -> &'static Domain<B> {
        self
    }

    fn is_inside(&self) -> bool {
        false
    }
}

pintle_core::not_loom! {
    use crate::{RcuDomain, Scope};

    impl<S: Scope> sealed::Sealed for RcuDomain<S> {}

    impl<S: Scope> AsDomain for RcuDomain<S> {
        type Barrier = S::Barrier;

        #[inline]
        fn as_domain(&self) -> &'static Domain<S::Barrier> {
            S::domain()
        }

        fn is_inside(&self) -> bool {
            RcuDomain::is_inside(*self)
        }
    }
}
