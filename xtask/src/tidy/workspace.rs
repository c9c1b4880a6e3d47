//! Which crate names which library, from `cargo metadata`.

use cargo_metadata::{DependencyKind, MetadataCommand};
use std::path::Path;

pub struct Workspace {
    pub crates: Vec<Crate>,
}

pub struct Crate {
    pub name: String,
    pub dependencies: Vec<Dependency>,
}

pub struct Dependency {
    pub name: String,
    /// Needed only by tests and examples.
    pub dev: bool,
}

impl Workspace {
    pub fn read(root: &Path) -> Result<Workspace, cargo_metadata::Error> {
        let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
        let mut crates: Vec<Crate> = metadata
            .packages
            .iter()
            .map(|package| Crate {
                name: package.name.to_string(),
                dependencies: package
                    .dependencies
                    .iter()
                    .map(|found| Dependency {
                        name: found.name.clone(),
                        dev: found.kind == DependencyKind::Development,
                    })
                    .collect(),
            })
            .collect();
        crates.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Workspace { crates })
    }

    /// Dependencies written `name`, those of tests `dev:name`.
    #[cfg(test)]
    pub fn of(crates: &[(&str, &[&str])]) -> Workspace {
        let dependency = |text: &&str| match text.strip_prefix("dev:") {
            Some(name) => Dependency { name: name.to_owned(), dev: true },
            None => Dependency { name: (*text).to_owned(), dev: false },
        };
        Workspace {
            crates: crates
                .iter()
                .map(|(name, dependencies)| Crate {
                    name: (*name).to_owned(),
                    dependencies: dependencies.iter().map(dependency).collect(),
                })
                .collect(),
        }
    }
}

impl Crate {
    pub fn manifest(&self) -> String {
        if self.name == "xtask" {
            "xtask/Cargo.toml".into()
        } else {
            format!("crates/{}/Cargo.toml", self.name)
        }
    }
}
