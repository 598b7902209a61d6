//! The typed reading of a document whose tree is there already: no second pass over its text.
//!
//! Takes only what has one meaning: texts that YAML takes for texts, decimal numbers, `true`, `false`, `null`, no tags. Whatever
//! it refuses is read again from the text by [`super::yaml`], which has the last word and the words for the user.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::scalar::{self, Plain};
use super::tree::{Node, Tag, Value};

/// The tree does not fit the type, or not beyond doubt. Says no more: the reading of the text does.
#[derive(Debug)]
pub(super) struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the document does not fit its kind")
    }
}

impl std::error::Error for Unfit {}

impl serde::de::Error for Unfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads a tree without aliases and duplicate keys as `T`. Its depth is bounded by the tree's.
pub(super) fn read<T: DeserializeOwned>(root: &Node<'_>) -> Result<T, Unfit> {
    T::deserialize(Reader(root))
}

#[derive(Clone, Copy)]
struct Reader<'n, 't>(&'n Node<'t>);

impl<'n> Reader<'n, '_> {
    fn scalar(self) -> Result<Plain<'n>, Unfit> {
        match self.0.tag {
            Tag::None => scalar::plain(self.0).ok_or(Unfit),
            Tag::Text | Tag::Core | Tag::Other => Err(Unfit),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'_, '_> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match &self.0.value {
            _ if self.0.tag != Tag::None => Err(Unfit),
            Value::Map(pairs) => visitor.visit_map(Pairs { rest: pairs.iter(), value: None }),
            Value::List(items) => visitor.visit_seq(Items(items.iter())),
            Value::Alias => Err(Unfit),
            Value::Scalar { .. } => match self.scalar()? {
                Plain::Null => visitor.visit_unit(),
                Plain::Boolean(value) => visitor.visit_bool(value),
                Plain::Number(value) => visitor.visit_i64(value),
                Plain::Text(text) => visitor.visit_str(text),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0.tag {
            Tag::None if scalar::is_null(self.0) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        match self.scalar()? {
            Plain::Text(text) => visitor.visit_enum::<StrDeserializer<'_, Unfit>>(text.into_deserializer()),
            _ => Err(Unfit),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if has_tag(self.0) { Err(Unfit) } else { visitor.visit_unit() }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

fn has_tag(node: &Node<'_>) -> bool {
    node.tag != Tag::None
        || match &node.value {
            Value::Map(pairs) => pairs.iter().any(|(key, value)| has_tag(key) || has_tag(value)),
            Value::List(items) => items.iter().any(has_tag),
            Value::Scalar { .. } | Value::Alias => false,
        }
}

struct Pairs<'n, 't> {
    rest: std::slice::Iter<'n, (Node<'t>, Node<'t>)>,
    value: Option<&'n Node<'t>>,
}

impl<'de> MapAccess<'de> for Pairs<'_, '_> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        match Reader(key).scalar()? {
            Plain::Text(text) => seed.deserialize(StrDeserializer::new(text)).map(Some),
            _ => Err(Unfit),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        seed.deserialize(Reader(self.value.take().ok_or(Unfit)?))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Items<'n, 't>(std::slice::Iter<'n, Node<'t>>);

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        self.0.next().map(|item| seed.deserialize(Reader(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#[expect(clippy::disallowed_methods, reason = "the samples of the project are read as files")]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use crate::api::{CheckSpec, LabelName, Manifest, PolicySpec, SinkSpec, TargetSetSpec, TargetSpec};
    use crate::source::header::Kind;
    use crate::source::split::split;
    use crate::source::{shape, strict, tree, yaml};

    /// Whether the tree was taken. Panics when it was and the text reads differently or not at all.
    fn agrees<T: serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(kind: Kind, text: &str) -> bool {
        let tree = tree::read(text).ok();
        let Some(root) = tree.as_ref().filter(|tree| tree.alias.is_none()).and_then(|tree| tree.root.as_ref()) else {
            return false;
        };
        if !strict::check(root, shape::of(kind)).is_empty() {
            return false;
        }
        let Ok(taken) = super::read::<T>(root) else { return false };
        assert_eq!(yaml::read::<T>(text).ok(), Some(taken), "{text}");
        true
    }

    fn agree(text: &str) -> bool {
        let has = |kind: &str| text.lines().any(|line| line.trim_end() == format!("kind: {kind}"));
        (has("Target") && agrees::<Manifest<TargetSpec>>(Kind::Target, text))
            || (has("TargetSet") && agrees::<Manifest<TargetSetSpec>>(Kind::TargetSet, text))
            || (has("Check") && agrees::<Manifest<CheckSpec, LabelName>>(Kind::Check, text))
            || (has("Policy") && agrees::<Manifest<PolicySpec>>(Kind::Policy, text))
            || (has("Sink") && agrees::<Manifest<SinkSpec>>(Kind::Sink, text))
    }

    fn files(directory: &Path, out: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                out.push(path);
            }
        }
    }

    #[test]
    fn shipped_manifests_are_taken_from_the_tree_and_read_the_same_from_the_text() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        for folder in ["manifests", "examples", "tests/fixtures/manifests/good"] {
            files(&top.join(folder), &mut found);
        }
        let mut taken = 0;
        for path in found {
            let text = std::fs::read_to_string(path).unwrap();
            for chunk in split(&text).filter(|chunk| chunk.content) {
                taken += usize::from(agree(text.get(chunk.range).unwrap()));
            }
        }
        assert!(taken > 20, "only {taken} documents were taken from their tree");
    }

    /// Scalars that readers of YAML disagree about, and any others.
    fn scalar() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(vec![
                "",
                "~",
                "null",
                "Null",
                "true",
                "True",
                "FALSE",
                "yes",
                "on",
                "0",
                "7",
                "-7",
                "+7",
                "007",
                "0o7",
                "0x7",
                "0b1",
                "1_000",
                "1e3",
                "1.0",
                ".5",
                ".inf",
                "-.INF",
                ".nan",
                "22",
                "65536",
                "9223372036854775808",
                "5m",
                "1h30m",
                "web",
                "Medium",
                "'7'",
                "\"7\"",
                "'null'",
                "\"a\\tb\\u00e9\"",
                "!!str 7",
                "! 7",
                "!!int \"7\"",
                "|\n      one\n      two\n",
                ">-\n      one\n      two\n",
                "[]",
                "{}",
                "[7]",
                "2001-12-14",
                "12:30:45",
                "=",
                "<<",
                "- 7",
            ])
            .prop_map(str::to_owned),
            "[ -~]{0,12}",
            "'[ -&(-~]{0,12}'",
        ]
    }

    proptest! {
        #[test]
        fn what_is_taken_from_a_tree_reads_the_same_from_its_text(
            label in scalar(), key in scalar(), suspend in scalar(), level in scalar(), port in scalar(), host in scalar(),
            wait in scalar(), pick in 0..7_usize,
        ) {
            // One odd scalar at a time, so that most documents pass the strict walk.
            let at = |index: usize, odd: &str, usual: &str| if index == pick { odd.to_owned() } else { usual.to_owned() };
            let text = format!(
                "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata:\n  name: web\n  labels:\n    {}: {}\nspec:\n  type: Host\n  \
                 suspend: {}\n  criticality: {}\n  connections:\n  - name: os\n    ssh:\n      port: {}\n      host: {}\n      \
                 connectTimeout: {}\n",
                at(0, &key, "os"), at(1, &label, "linux"), at(2, &suspend, "false"), at(3, &level, "Low"), at(4, &port, "22"),
                at(5, &host, "web.example.net"), at(6, &wait, "5s"),
            );
            agree(&text);
        }
    }
}
