//! What every page needs: the store, the clock, the names of places.

use crate::trouble::Trouble;
use doudi_casework::Moment;
use doudi_store::{Outcome, Store};
use doudi_terms::RegionCode;
use std::sync::Arc;

/// The one reader of the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Moment;
}

/// Names for codes; they decide nothing.
pub trait Places: Send + Sync {
    /// As lists show it: 绍庆街道, 彭水苗族土家族自治县; the code itself where nobody knows it.
    fn name(&self, place: RegionCode) -> String;

    /// From the county down: 彭水苗族土家族自治县绍庆街道文庙社区.
    fn long_name(&self, place: RegionCode) -> String;

    /// What lies directly below, in the order of codes.
    fn below(&self, place: RegionCode) -> Vec<RegionCode>;
}

/// Shared by all requests.
#[derive(Clone)]
pub struct Office {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<Store>,
    clock: Box<dyn Clock>,
    places: Box<dyn Places>,
    /// Served behind https: cookies never travel without it.
    secure: bool,
}

impl Office {
    pub fn new(store: Arc<Store>, clock: Box<dyn Clock>, places: Box<dyn Places>, secure: bool) -> Office {
        Office { inner: Arc::new(Inner { store, clock, places, secure }) }
    }

    pub fn now(&self) -> Moment {
        self.inner.clock.now()
    }

    pub fn places(&self) -> &dyn Places {
        self.inner.places.as_ref()
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.inner.secure
    }

    /// Does something with the store, on a thread that may wait.
    pub(crate) async fn with_store<T, E>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, Trouble>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let store = self.inner.store.clone();
        tokio::task::spawn_blocking(move || work(&store)).await.map_err(Trouble::broken)
    }

    /// The same where every error is a page of its own.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Outcome<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        Ok(self.with_store(work).await??)
    }
}
