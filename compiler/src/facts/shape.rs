//! The shape of a value in an AWS API: its kind, members and limits, as the service's model gives them.

use std::borrow::Cow;

use serde::Deserialize;
use smol_str::SmolStr;

use super::pattern::Pattern;

/// A shape of one service. Ids of different services must not be mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShapeId(pub(super) u32);

/// A named shape.
#[derive(Debug)]
pub struct Shape {
    pub name: SmolStr,
    pub kind: ShapeKind,
    /// Holds a secret or personal data, as the model marks it.
    pub sensitive: bool,
}

#[derive(Debug)]
pub enum ShapeKind {
    Structure {
        /// In the order of the API.
        members: Vec<Member>,
        /// Exactly one member must be given.
        union: bool,
        /// A stream of events: no request of a workflow can carry one.
        event_stream: bool,
    },
    List {
        member: ShapeId,
        min: Option<u64>,
        max: Option<u64>,
    },
    Map {
        key: ShapeId,
        value: ShapeId,
        min: Option<u64>,
        max: Option<u64>,
    },
    String {
        /// Lengths in characters.
        min: Option<u64>,
        max: Option<u64>,
        pattern: Option<Box<Pattern>>,
        /// The allowed values, when the API enumerates them.
        values: Vec<SmolStr>,
    },
    /// 32 bits.
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    /// 64 bits.
    Long {
        min: Option<i64>,
        max: Option<i64>,
    },
    Float {
        min: Option<f64>,
        max: Option<f64>,
    },
    Double {
        min: Option<f64>,
        max: Option<f64>,
    },
    Boolean,
    Timestamp,
    /// Lengths in bytes.
    Blob {
        min: Option<u64>,
        max: Option<u64>,
    },
    /// Any JSON value.
    Document,
}

/// A member of a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Spelt as the API spells it.
    pub name: SmolStr,
    pub shape: ShapeId,
    pub required: bool,
    pub deprecated: bool,
    /// The SDKs fill it in when it is left out.
    pub idempotency_token: bool,
    /// A string that holds JSON text.
    pub json_value: bool,
    pub streaming: bool,
}

impl Shape {
    /// The member of a structure, by its exact name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }

    /// The members of a structure, in the order of the API; none for other kinds.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            ShapeKind::Structure { members, .. } => members,
            _ => &[],
        }
    }

    /// The names of the members that must be given.
    pub fn required(&self) -> impl Iterator<Item = &SmolStr> {
        self.members().iter().filter(|member| member.required).map(|member| &member.name)
    }
}

/// A shape line as refresh.py writes it; stdlib/aws/README.md explains the letters.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    t: Option<&'a str>,
    #[serde(borrow)]
    s: Option<Vec<&'a str>>,
    #[serde(borrow)]
    l: Option<&'a str>,
    #[serde(borrow)]
    m: Option<[&'a str; 2]>,
    #[serde(default, borrow)]
    e: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    p: Option<Cow<'a, str>>,
    #[serde(borrow)]
    q: Option<Cow<'a, str>>,
    a: Option<String>,
    #[serde(default)]
    and: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    min: Option<serde_json::Number>,
    max: Option<serde_json::Number>,
    #[serde(default)]
    u: u8,
    #[serde(default)]
    ev: u8,
    #[serde(default)]
    z: u8,
}

/// Reads a shape line. `find` gives the id of a shape by name. Nothing when the line is damaged.
pub(super) fn parse(name: &str, json: &str, find: impl Fn(&str) -> Option<ShapeId>) -> Option<Shape> {
    let line: Line<'_> = serde_json::from_str(json).ok()?;
    let sensitive = line.z != 0;
    Some(Shape { name: name.into(), kind: kind(line, find)?, sensitive })
}

fn kind(line: Line<'_>, find: impl Fn(&str) -> Option<ShapeId>) -> Option<ShapeKind> {
    let (low, high) = (line.min.as_ref(), line.max.as_ref());
    let length = (low.and_then(serde_json::Number::as_u64), high.and_then(serde_json::Number::as_u64));
    let (min, max) = length;
    if let Some(members) = line.s {
        let members: Option<Vec<Member>> = members.iter().map(|text| member(text, &find)).collect();
        return Some(ShapeKind::Structure { members: members?, union: line.u != 0, event_stream: line.ev != 0 });
    }
    if let Some(member) = line.l {
        let member = find(member)?;
        return Some(ShapeKind::List { member, min, max });
    }
    if let Some([key, value]) = line.m {
        let (key, value) = (find(key)?, find(value)?);
        return Some(ShapeKind::Map { key, value, min, max });
    }
    let whole = |bound: Option<&serde_json::Number>| bound.and_then(whole_number);
    let real = |bound: Option<&serde_json::Number>| bound.and_then(serde_json::Number::as_f64);
    Some(match line.t? {
        "string" | "character" => ShapeKind::String {
            min,
            max,
            pattern: match (line.p, line.q) {
                (Some(text), _) => Some(Box::new(Pattern::new(text.into(), line.a, line.and, line.not))),
                (None, Some(text)) => Some(Box::new(Pattern::unchecked(text.into()))),
                (None, None) => None,
            },
            values: line.e.into_iter().map(SmolStr::from).collect(),
        },
        "integer" => ShapeKind::Integer { min: whole(low), max: whole(high) },
        "long" => ShapeKind::Long { min: whole(low), max: whole(high) },
        "float" => ShapeKind::Float { min: real(low), max: real(high) },
        "double" => ShapeKind::Double { min: real(low), max: real(high) },
        "boolean" => ShapeKind::Boolean,
        "timestamp" => ShapeKind::Timestamp,
        "blob" => ShapeKind::Blob { min, max },
        "document" => ShapeKind::Document,
        _ => return None,
    })
}

/// A bound of an integer; some models write it as `1.0`.
fn whole_number(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().map(|real| real as i64))
}

/// Reads `Name:Shape!?~@*`; the shape is left out where it is called as the member is.
fn member(text: &str, find: &impl Fn(&str) -> Option<ShapeId>) -> Option<Member> {
    let (names, flags) = match text.find(['!', '?', '~', '@', '*']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (name, shape) = names.split_once(':').unwrap_or((names, names));
    Some(Member {
        name: name.into(),
        shape: find(shape)?,
        required: flags.contains('!'),
        deprecated: flags.contains('~'),
        idempotency_token: flags.contains('?'),
        json_value: flags.contains('@'),
        streaming: flags.contains('*'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Shape {
        parse("X", json, |name| Some(ShapeId(name.len() as u32))).expect("a good line")
    }

    #[test]
    fn members_keep_their_order_and_flags() {
        let shape = read(r#"{"s":["B!","A:Name!?","C:Other~@"],"u":1}"#);
        let names: Vec<_> = shape.members().iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["B", "A", "C"]);
        let token = shape.member("A").expect("it is there");
        assert!(token.required && token.idempotency_token && !token.deprecated);
        assert_eq!(token.shape, ShapeId(4));
        assert!(shape.member("C").is_some_and(|m| m.deprecated && m.json_value));
        assert_eq!(shape.member("a"), None);
        assert!(matches!(shape.kind, ShapeKind::Structure { union: true, .. }));
    }

    #[test]
    fn bounds_are_read_by_kind() {
        assert!(matches!(read(r#"{"t":"integer","min":1.0}"#).kind, ShapeKind::Integer { min: Some(1), max: None }));
        assert!(
            matches!(read(r#"{"t":"double","max":1}"#).kind, ShapeKind::Double { max: Some(high), .. } if high == 1.0)
        );
        assert!(matches!(read(r#"{"l":"Y","max":5}"#).kind, ShapeKind::List { max: Some(5), .. }));
        assert!(read(r#"{"t":"string","z":1}"#).sensitive);
    }

    #[test]
    fn a_damaged_line_is_no_shape() {
        assert!(parse("X", "{", |_| None).is_none());
        assert!(parse("X", r#"{"t":"strnig"}"#, |_| None).is_none());
        assert!(parse("X", r#"{"l":"Absent"}"#, |_| None).is_none());
    }
}
