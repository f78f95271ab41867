//! When two documents are the same. This is the one definition of it:
//!
//! - the order of an object's members does not matter, that of a list's elements does;
//! - a member that is absent, one that is `null` and one that is empty are three different things;
//! - numbers are compared by value: `2`, `2.0` and `2e0` are one number, `2` and `"2"` are not. Where `whole` is asked for, as
//!   in requests whose API tells integers from other numbers, `2` and `2.0` differ unless the caller says that the place
//!   takes any number;
//! - texts are the same character by character, placeholders too.

use super::document::{Kind, Member, Node};

/// The path to the first place where two documents differ; `None` where they are the same.
pub fn difference(one: &Node, other: &Node) -> Option<String> {
    let mut path = String::new();
    differs(one, other, &mut path, &|_| true).then_some(path)
}

/// As [`difference`]; where `any_number` denies it for a path, an integer and a number with a fraction part are two things.
pub fn difference_by(one: &Node, other: &Node, any_number: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut path = String::new();
    differs(one, other, &mut path, any_number).then_some(path)
}

/// Leaves the place in `path` where there is a difference.
fn differs(one: &Node, other: &Node, path: &mut String, any_number: &dyn Fn(&str) -> bool) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::Null, Kind::Null) => false,
        (Kind::Bool(one), Kind::Bool(other)) => one != other,
        (Kind::String(one), Kind::String(other)) | (Kind::Placeholder(one), Kind::Placeholder(other)) => one != other,
        (Kind::Number(one), Kind::Number(other)) => {
            !same_number(one, other) || (is_whole(one) != is_whole(other) && !any_number(path))
        }
        (Kind::List(one), Kind::List(other)) => {
            if one.len() != other.len() {
                return true;
            }
            one.iter().zip(other).enumerate().any(|(index, (one, other))| {
                let length = path.len();
                path.push_str(&format!("[{index}]"));
                let found = differs(one, other, path, any_number);
                if !found {
                    path.truncate(length);
                }
                found
            })
        }
        (Kind::Object(one), Kind::Object(other)) => {
            let (one, other) = (sorted(one), sorted(other));
            if one.len() != other.len() {
                let odd = one.iter().find(|member| !other.iter().any(|known| known.key == member.key));
                let odd = odd.or_else(|| other.iter().find(|member| !one.iter().any(|known| known.key == member.key)));
                path.push_str(&format!(".{}", odd.map_or("", |member| &member.key)));
                return true;
            }
            one.iter().zip(&other).any(|(one, other)| {
                let length = path.len();
                path.push('.');
                path.push_str(&one.key);
                let found = one.key != other.key || differs(&one.value, &other.value, path, any_number);
                if !found {
                    path.truncate(length);
                }
                found
            })
        }
        _ => true,
    }
}

fn sorted(members: &[Member]) -> Vec<&Member> {
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by(|one, other| one.key.cmp(&other.key));
    sorted
}

fn is_whole(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

/// By value, exactly: the digits without the zeros around them, and where the point stands.
fn same_number(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    // What has more digits than a double holds is the same only digit by digit; what has fewer may be spelt in any way.
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(a), Ok(b)) => a == b && (digits(one) == digits(other) || (digits(one).len() > 17 && !is_whole(one))),
        _ => false,
    }
}

fn digits(number: &str) -> String {
    let mantissa = number.split(['e', 'E']).next().unwrap_or(number);
    let all: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    all.trim_matches('0').to_owned()
}
