//! A policy as it is written.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", expecting = "a policy document")]
pub(crate) struct Document {
    pub(crate) version: Option<Version>,
    #[serde(rename = "Id")]
    _id: Option<String>,
    pub(crate) statement: Many<Written>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Version {
    /// Without variables, as is a policy that does not say.
    #[serde(rename = "2008-10-17")]
    V2008,
    #[serde(rename = "2012-10-17")]
    V2012,
}

/// A statement.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", expecting = "a statement")]
pub(crate) struct Written {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    pub(crate) principal: Option<Principals>,
    pub(crate) not_principal: Option<Principals>,
    pub(crate) action: Option<Many<String>>,
    pub(crate) not_action: Option<Many<String>>,
    pub(crate) resource: Option<Many<String>>,
    pub(crate) not_resource: Option<Many<String>>,
    /// Operator to key to values.
    pub(crate) condition: Option<Pairs<Pairs<Many<Scalar>>>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

#[derive(Debug)]
pub(crate) enum Principals {
    Everyone,
    Named(Named),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Named {
    #[serde(rename = "AWS")]
    pub(crate) aws: Many<String>,
    #[serde(rename = "Service")]
    pub(crate) service: Many<String>,
    #[serde(rename = "Federated")]
    pub(crate) federated: Many<String>,
    #[serde(rename = "CanonicalUser")]
    pub(crate) canonical_user: Many<String>,
}

impl<'de> Deserialize<'de> for Principals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Principals;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"*\" or an object of AWS, Service, Federated, CanonicalUser")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Principals, E> {
                let everyone = (text == "*").then_some(Principals::Everyone);
                everyone.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Principals, A::Error> {
                Named::deserialize(MapAccessDeserializer::new(map)).map(Principals::Named)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A string; a number or a boolean counts as its text.
#[derive(Debug)]
pub(crate) struct Scalar(pub(crate) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a number or a boolean")
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// One, or an array.
#[derive(Debug)]
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrArray<T>(PhantomData<T>);
        fn one<T, E>(one: Result<T, E>) -> Result<Many<T>, E> {
            one.map(|one| Many(vec![one]))
        }
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrArray<T> {
            type Value = Many<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one, or an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Many<T>, A::Error> {
                let mut many = Vec::new();
                while let Some(next) = seq.next_element()? {
                    many.push(next);
                }
                Ok(Many(many))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
                one(T::deserialize(MapAccessDeserializer::new(map)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Many<T>, E> {
                one(T::deserialize(text.into_deserializer()))
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Many<T>, E> {
                one(T::deserialize(value.into_deserializer()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Many<T>, E> {
                one(T::deserialize(value.into_deserializer()))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Many<T>, E> {
                one(T::deserialize(value.into_deserializer()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Many<T>, E> {
                one(T::deserialize(value.into_deserializer()))
            }
        }
        deserializer.deserialize_any(OneOrArray(PhantomData))
    }
}

/// The members of an object, in order, none twice.
#[derive(Debug)]
pub(crate) struct Pairs<T>(pub(crate) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs: Vec<(String, T)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, T>()? {
                    if pairs.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom(format!("`{key}` is there twice")));
                    }
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}
