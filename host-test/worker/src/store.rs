//! Where the records of each tenant go.

use std::path::Path;

use rawdash_sqlite::{Database, OpenError};

use crate::tenants::TenantName;

/// What stands for the tenant's name in `--db`.
const TENANT: &str = "{tenant}";

/// The databases of all tenants.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    place: String,
    name: String,
}

impl Store {
    /// The databases at `place`. `name` is the connector's name in a database of one
    /// tenant.
    pub(crate) fn new(place: String, name: String) -> Store {
        Store { place, name }
    }

    /// Opens the tenant's part.
    pub(crate) fn open(&self, tenant: &TenantName) -> Result<Database, OpenError> {
        let (place, connector) = self.part(tenant);
        Database::open(Path::new(&place), &connector)
    }

    /// The tenant's database, and the connector's name in it.
    fn part(&self, tenant: &TenantName) -> (String, String) {
        if self.place.contains(TENANT) {
            (self.place.replace(TENANT, tenant.as_str()), self.name.clone())
        } else {
            (self.place.clone(), tenant.as_str().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_that_share_a_database_do_not_share_a_connector() {
        let part = |place: &str| {
            let store = Store::new(place.to_owned(), "auth0".to_owned());
            store.part(&"acme".parse().unwrap())
        };
        assert_eq!(part("all.sqlite"), ("all.sqlite".to_owned(), "acme".to_owned()));
        assert_eq!(part("{tenant}.sqlite"), ("acme.sqlite".to_owned(), "auth0".to_owned()));
    }
}
