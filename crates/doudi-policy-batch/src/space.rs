//! Where a formula is evaluated: at the reported rows of an entity, or at records that nobody has reported but that may
//! exist (one for every owner whose list is not known to be complete).

use doudi_policy::Library;
use doudi_policy::ir::EntityId;

/// Rows that formulas run over. Reported rows: `base` is the entity itself. Unreported records: there is one of them for
/// each row of `base`, an entity that this one belongs to, and every entity between the two is unreported as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Space {
    pub entity: EntityId,
    pub base: EntityId,
}

impl Space {
    pub fn reported(entity: EntityId) -> Space {
        Space { entity, base: entity }
    }

    pub fn is_unreported(self) -> bool {
        self.entity != self.base
    }

    /// The space of an entity that this one is or belongs to; `None` if it is neither.
    pub fn ancestor(self, library: &Library, wanted: EntityId) -> Option<Space> {
        let mut entity = self.entity;
        let mut below_base = true;
        loop {
            below_base &= entity != self.base;
            if entity == wanted {
                return Some(if below_base {
                    Space { entity, base: self.base }
                } else {
                    Space::reported(entity)
                });
            }
            entity = library.entities.get(entity.index())?.parent?;
        }
    }
}
