//! What a kind may hold, compiled once from the JSON Schema that also renders the CRDs: the file loader and an API server
//! can not disagree about a field or a bound.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::api::{CheckSpec, Duration, LabelName, Manifest, PolicySpec, SinkSpec, SubdomainName, TargetSetSpec, TargetSpec};

use super::header::Kind;

/// What may stand at one place.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// The form of the value.
    pub form: Form,
    /// Whether `null` stands for absent.
    pub nullable: bool,
}

/// The form of a value.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// Anything: the field is ignored, or only the typed reading can judge it.
    Any,
    /// A closed map.
    Object { fields: BTreeMap<String, Shape>, required: Vec<String> },
    /// An open map of strings; `labels` when Kubernetes' label syntax rules it.
    Dictionary { labels: bool, max: usize },
    /// A list.
    List { item: Box<Shape>, max: usize },
    /// A string.
    Text { kind: TextKind, min: usize, max: usize },
    /// One of these words.
    Word(Vec<String>),
    /// A whole number.
    Integer { min: i64, max: i64 },
    /// `true` or `false`.
    Boolean,
}

/// Which strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// Any; it may hold a secret, so messages never repeat it.
    Free,
    /// [`LabelName`].
    Label,
    /// [`SubdomainName`].
    Subdomain,
    /// [`Duration`].
    Duration,
}

/// The shape of a kind.
pub(super) fn of(kind: Kind) -> &'static Shape {
    static TARGET: OnceLock<Shape> = OnceLock::new();
    static TARGET_SET: OnceLock<Shape> = OnceLock::new();
    static CHECK: OnceLock<Shape> = OnceLock::new();
    static POLICY: OnceLock<Shape> = OnceLock::new();
    static SINK: OnceLock<Shape> = OnceLock::new();
    match kind {
        Kind::Target => TARGET.get_or_init(compile::<Manifest<TargetSpec>>),
        Kind::TargetSet => TARGET_SET.get_or_init(compile::<Manifest<TargetSetSpec>>),
        Kind::Check => CHECK.get_or_init(compile::<Manifest<CheckSpec, LabelName>>),
        Kind::Policy => POLICY.get_or_init(compile::<Manifest<PolicySpec>>),
        Kind::Sink => SINK.get_or_init(compile::<Manifest<SinkSpec>>),
    }
}

fn compile<T: JsonSchema>() -> Shape {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    Shape::new(settings.into_generator().into_root_schema_for::<T>().as_value())
}

impl Shape {
    fn new(schema: &Value) -> Self {
        // `Option<T>` is either `type: [t, "null"]` or `anyOf: [T, {type: "null"}]`.
        if let Some([inner, Value::Object(null)]) = list(schema, "anyOf")
            && null.get("type").is_some_and(|kind| kind == "null")
        {
            return Self { nullable: true, ..Self::new(inner) };
        }
        let (kind, nullable) = match schema.get("type") {
            Some(Value::String(kind)) => (kind.as_str(), false),
            Some(Value::Array(kinds)) => match kinds.as_slice() {
                [Value::String(kind), Value::String(null)] if null == "null" => (kind.as_str(), true),
                _ => ("", false),
            },
            _ => ("", false),
        };
        Self { form: Form::new(kind, schema).unwrap_or(Form::Any), nullable }
    }

    /// Where a closed map has the field `name`, searched breadth first below this place.
    pub fn find(&self, name: &str) -> Option<String> {
        let mut level = vec![(String::new(), self)];
        while !level.is_empty() {
            let mut next = Vec::new();
            for (path, shape) in level {
                match &shape.form {
                    Form::Object { fields, .. } => {
                        if fields.get(name).is_some_and(|field| !path.is_empty() && !matches!(field.form, Form::Any)) {
                            return Some(format!("{path}.{name}"));
                        }
                        let join = |field: &str| if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
                        next.extend(fields.iter().map(|(field, shape)| (join(field), shape)));
                    }
                    Form::List { item, .. } => next.push((format!("{path}[]"), item)),
                    _ => {}
                }
            }
            level = next;
        }
        None
    }
}

impl Form {
    fn new(kind: &str, schema: &Value) -> Option<Self> {
        let words = |name| list(schema, name).unwrap_or_default().iter();
        let size = |name| schema.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        if schema.get("oneOf").is_some() {
            return words("oneOf")
                .map(|word| Some(word.get("const")?.as_str()?.to_owned()))
                .collect::<Option<_>>()
                .map(Self::Word);
        }
        Some(match kind {
            "object" => match schema.get("properties") {
                Some(Value::Object(properties)) => Self::Object {
                    fields: properties.iter().map(|(name, field)| (name.clone(), Shape::field(name, field))).collect(),
                    required: words("required").filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
                },
                _ if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                    Self::Object { fields: BTreeMap::new(), required: Vec::new() }
                }
                _ => Self::Dictionary { labels: false, max: size("maxProperties").unwrap_or(usize::MAX) },
            },
            "array" => {
                Self::List { item: Box::new(Shape::new(schema.get("items")?)), max: size("maxItems").unwrap_or(usize::MAX) }
            }
            "string" if schema.get("enum").is_some() => {
                Self::Word(words("enum").filter_map(|word| Some(word.as_str()?.to_owned())).collect())
            }
            "string" => Self::Text {
                kind: match schema.get("pattern").and_then(Value::as_str) {
                    Some(Duration::PATTERN) => TextKind::Duration,
                    Some(LabelName::PATTERN) => TextKind::Label,
                    Some(SubdomainName::PATTERN) => TextKind::Subdomain,
                    _ => TextKind::Free,
                },
                min: size("minLength").unwrap_or(0),
                max: size("maxLength").unwrap_or(usize::MAX),
            },
            "integer" => Self::Integer {
                min: schema.get("minimum").and_then(Value::as_i64).unwrap_or(i64::MIN),
                max: schema.get("maximum").and_then(Value::as_i64).unwrap_or(i64::MAX),
            },
            "boolean" => Self::Boolean,
            _ => return None,
        })
    }
}

impl Shape {
    fn field(name: &str, schema: &Value) -> Self {
        let mut shape = Self::new(schema);
        if let Form::Dictionary { labels, .. } = &mut shape.form {
            *labels = matches!(name, "labels" | "matchLabels");
        }
        shape
    }
}

fn list<'a>(schema: &'a Value, name: &str) -> Option<&'a [Value]> {
    schema.get(name).and_then(Value::as_array).map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::{Form, Shape, of};
    use crate::source::header::Kind;

    /// Paths whose form only the typed reading can judge.
    fn unjudged(path: &str, shape: &Shape, out: &mut Vec<String>) {
        match &shape.form {
            Form::Any => out.push(path.to_owned()),
            Form::Object { fields, .. } => {
                for (name, field) in fields {
                    unjudged(&format!("{path}.{name}"), field, out);
                }
            }
            Form::List { item, .. } => unjudged(&format!("{path}[]"), item, out),
            _ => {}
        }
    }

    /// A construct of the schemas that is not understood here would switch the strict walk off for its field.
    #[test]
    fn every_field_that_is_read_has_a_form() {
        for kind in Kind::ALL {
            let mut out = Vec::new();
            unjudged("", of(kind), &mut out);
            assert!(out.len() > 5, "the fields that a server sets are ignored");
            out.retain(|path| path != ".status" && !(path.starts_with(".metadata.") && path.matches('.').count() == 2));
            assert!(out.is_empty(), "{}: {out:?}", kind.as_str());
        }
    }

    /// A list, map or string without a bound is one that an API server has and a file has not.
    #[test]
    fn every_collection_is_bounded() {
        fn unbounded(path: &str, shape: &Shape, out: &mut Vec<String>) {
            match &shape.form {
                Form::Object { fields, .. } => {
                    for (name, field) in fields {
                        unbounded(&format!("{path}.{name}"), field, out);
                    }
                }
                Form::List { item, max } => {
                    unbounded(&format!("{path}[]"), item, out);
                    if *max == usize::MAX {
                        out.push(path.to_owned());
                    }
                }
                Form::Dictionary { max, .. } | Form::Text { max, .. } if *max == usize::MAX => out.push(path.to_owned()),
                _ => {}
            }
        }
        for kind in Kind::ALL {
            let mut out = Vec::new();
            unbounded("", of(kind), &mut out);
            assert!(out.is_empty(), "{}: {out:?}", kind.as_str());
        }
    }
}
