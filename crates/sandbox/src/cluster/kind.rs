//! The kinds that a cluster serves.

mod table;

pub(crate) use self::table::*;

use super::schema::{Field, METADATA, Type};

/// One kind in its one served version.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Empty for the core kinds.
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) namespaced: bool,
    pub(crate) short_names: &'static [&'static str],
    /// Beside `apiVersion`, `kind` and `metadata`.
    pub(crate) fields: &'static [Field],
    pub(crate) family: Family,
    /// Whether status is written through `/status`, and only there.
    pub(crate) status: bool,
    /// Columns of a table beside the name, where they are not just the age.
    pub(crate) columns: &'static [Column],
}

/// Where a kind comes from; the API server treats them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Built into the API server.
    BuiltIn,
    /// From a CRD whose schema is not written down here: everything is kept.
    Foreign,
    /// From a CRD of Velero: pruned and validated.
    Velero,
}

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// `string`, `integer`, `boolean` or `date`.
    pub(crate) type_: &'static str,
    /// Members from the object down.
    pub(crate) path: &'static [&'static str],
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Kind {
    /// The kind that a path names.
    pub(crate) fn find(group: &str, version: &str, plural: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .copied()
            .find(|kind| kind.plural == plural && kind.group == group && kind.version == version)
    }

    /// The kind that an object names; `None` where we serve none such.
    pub(crate) fn of(api_version: &str, kind: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .copied()
            .find(|known| known.kind == kind && known.api_version() == api_version)
    }

    /// `v1`, `velero.io/v1`.
    pub(crate) fn api_version(&self) -> String {
        match self.group {
            "" => self.version.to_owned(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// `pods`, `backups.velero.io`: how messages name the resource.
    pub(crate) fn resource(&self) -> String {
        qualified(self.plural, self.group)
    }

    /// `Pod`, `Backup.velero.io`: how messages about invalid objects name the kind.
    pub(crate) fn qualified_kind(&self) -> String {
        qualified(self.kind, self.group)
    }

    /// What tells kinds apart.
    pub(crate) const fn key(&self) -> (&'static str, &'static str) {
        (self.group, self.plural)
    }

    pub(crate) fn custom(&self) -> bool {
        self.family != Family::BuiltIn
    }

    /// The type of a top-level field; `None` for one that the schema does not have.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Type> {
        match name {
            "apiVersion" | "kind" => Some(&Type::String),
            "metadata" => Some(&METADATA),
            _ => {
                let known = self.fields.iter().find(|field| field.name == name);
                let open = (self.family != Family::Velero).then_some(&Type::Any);
                known.map(|field| &field.type_).or(open)
            }
        }
    }
}

fn qualified(name: &str, group: &str) -> String {
    match group {
        "" => name.to_owned(),
        group => format!("{name}.{group}"),
    }
}
