//! What is known of the fields of a kind: enough to prune, to validate, to merge, and to write the CRD.

/// The type of a value, and how two writers share it.
#[derive(Debug)]
pub(crate) enum Type {
    String,
    /// One of these strings.
    Enum(&'static [&'static str]),
    /// RFC 3339.
    DateTime,
    /// Base64.
    Bytes,
    Integer,
    Boolean,
    /// Kept as it is. Its objects are shared by field, its lists belong to one writer.
    Any,
    /// Any keys; shared by key.
    Map(&'static Type),
    /// These fields and no others; shared by field.
    Object(&'static [Field]),
    /// As [`Type::Object`], but belongs to one writer as a whole.
    Atomic(&'static [Field]),
    /// These fields and unknown others, as in kinds whose schema is not written down here; shared by field.
    Open(&'static [Field]),
    /// Belongs to one writer as a whole.
    List(&'static Type),
    /// A list of distinct strings; shared by item.
    Set,
    /// A list of objects that these fields tell apart; shared by item. Strategic merge tells them apart by the first.
    Keyed(&'static [&'static str], &'static Type),
}

/// One field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) type_: Type,
    pub(crate) required: bool,
    /// Whether `null` is a value rather than an absence.
    pub(crate) nullable: bool,
}

/// A field that may be left out.
pub(crate) const fn field(name: &'static str, type_: Type) -> Field {
    Field {
        name,
        type_,
        required: false,
        nullable: false,
    }
}

/// A field that must be there.
pub(crate) const fn required(name: &'static str, type_: Type) -> Field {
    Field {
        required: true,
        ..field(name, type_)
    }
}

/// A field that may be `null`.
pub(crate) const fn nullable(name: &'static str, type_: Type) -> Field {
    Field {
        nullable: true,
        ..field(name, type_)
    }
}

/// A list of strings, replaced as a whole.
pub(crate) const STRINGS: Type = Type::List(&Type::String);
/// Any keys with strings.
pub(crate) const LABELS: Type = Type::Map(&Type::String);

/// `metadata`, of every kind.
pub(crate) const METADATA: Type = Type::Object(&[
    field("annotations", LABELS),
    field("creationTimestamp", Type::DateTime),
    field("deletionGracePeriodSeconds", Type::Integer),
    field("deletionTimestamp", Type::DateTime),
    field("finalizers", Type::Set),
    field("generateName", Type::String),
    field("generation", Type::Integer),
    field("labels", LABELS),
    field("managedFields", Type::List(&Type::Any)),
    field("name", Type::String),
    field("namespace", Type::String),
    field("ownerReferences", Type::Keyed(&["uid"], &Type::Atomic(OWNER_REFERENCE))),
    field("resourceVersion", Type::String),
    field("selfLink", Type::String),
    field("uid", Type::String),
]);

const OWNER_REFERENCE: &[Field] = &[
    required("apiVersion", Type::String),
    field("blockOwnerDeletion", Type::Boolean),
    field("controller", Type::Boolean),
    required("kind", Type::String),
    required("name", Type::String),
    required("uid", Type::String),
];

impl Type {
    /// The type of a member of an object or map; `None` where the schema has no such field.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) | Self::Atomic(fields) => known(fields, name),
            Self::Open(fields) => known(fields, name).or(Some(&Self::Any)),
            Self::Map(value) => Some(value),
            Self::Any => Some(self),
            _ => None,
        }
    }
}

fn known<'a>(fields: &'a [Field], name: &str) -> Option<&'a Type> {
    fields.iter().find(|field| field.name == name).map(|field| &field.type_)
}
