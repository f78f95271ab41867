//! JSONPath as machines write it, and the intrinsic functions of payload templates: whether a text is one.

/// Functions with the least and most arguments they take.
const INTRINSICS: &[(&str, usize, usize)] = &[
    ("Array", 0, 99),
    ("ArrayContains", 2, 2),
    ("ArrayGetItem", 2, 2),
    ("ArrayLength", 1, 1),
    ("ArrayPartition", 2, 2),
    ("ArrayRange", 3, 3),
    ("ArrayUnique", 1, 1),
    ("Base64Decode", 1, 1),
    ("Base64Encode", 1, 1),
    ("Format", 1, 99),
    ("Hash", 2, 2),
    ("JsonMerge", 3, 3),
    ("JsonToString", 1, 1),
    ("MathAdd", 2, 2),
    ("MathRandom", 2, 3),
    ("StringSplit", 2, 2),
    ("StringToJson", 1, 1),
    ("UUID", 0, 0),
];

/// What is wrong with a path; `reference` allows members and positions alone.
pub(super) fn path(text: &str, reference: bool) -> Option<String> {
    if text.contains("${") {
        return None;
    }
    let Some(rest) = text.trim_end().strip_prefix('$') else { return Some("a path begins with `$`".to_owned()) };
    let mut depth = 0_i32;
    let mut quote = None;
    for character in rest.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if depth > 0 => quote = Some(character),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return Some("a bracket is closed that was never opened".to_owned());
        }
    }
    if depth > 0 || quote.is_some() {
        return Some("a bracket or quote is never closed".to_owned());
    }
    if rest.ends_with('.') || rest.contains("...") {
        return Some("a name is missing behind a dot".to_owned());
    }
    if reference
        && (rest.contains("..")
            || rest.contains('*')
            || rest.contains("?(")
            || rest.contains(':') && rest.contains('['))
    {
        return Some("here a path may name one place alone, by members and positions".to_owned());
    }
    None
}

/// The variable that a path reads, where it does.
pub(super) fn variable(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let end = rest.find(|character: char| !(character.is_alphanumeric() || character == '_')).unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

/// The value of a member whose key ends in `.$`: a path or a call. Paths inside calls are given to `read`.
pub(super) fn template(text: &str, read: &mut dyn FnMut(&str)) -> Option<String> {
    if text.contains("${") {
        return None;
    }
    if text.starts_with("States.") {
        let mut call = Call { text, at: 0 };
        let problem = call.value(0, read).err();
        return problem.or_else(|| (call.at < text.len()).then(|| format!("`{}` is left over", &text[call.at..])));
    }
    read(text);
    let problem = path(text, false)?;
    Some(if text.starts_with('$') {
        problem
    } else {
        "it is a path that begins with `$`, or a call such as `States.Format(…)`".to_owned()
    })
}

struct Call<'t> {
    text: &'t str,
    at: usize,
}

impl Call<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn value(&mut self, depth: usize, read: &mut dyn FnMut(&str)) -> Result<(), String> {
        if depth > 10 {
            return Err("calls may be nested ten deep".to_owned());
        }
        self.space();
        if let Some(after) = self.rest().strip_prefix('\'') {
            let mut escaped = false;
            for (offset, character) in after.char_indices() {
                match character {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '\'' => {
                        self.at += offset + 2;
                        return Ok(());
                    }
                    _ => {}
                }
            }
            return Err("a text in it is never closed".to_owned());
        }
        if self.rest().starts_with("States.") {
            return self.call(depth, read);
        }
        let mut brackets = 0_i32;
        let mut length = self.rest().len();
        for (offset, character) in self.rest().char_indices() {
            match character {
                '[' | '(' => brackets += 1,
                ')' | ',' if brackets == 0 => {
                    length = offset;
                    break;
                }
                ']' | ')' => brackets -= 1,
                _ => {}
            }
        }
        let part = self.rest()[..length].trim().to_owned();
        self.at += length;
        if part.starts_with('$') {
            read(&part);
            return path(&part, false).map_or(Ok(()), Err);
        }
        let is_literal = part.parse::<f64>().is_ok() || matches!(part.as_str(), "true" | "false" | "null");
        if is_literal {
            Ok(())
        } else {
            Err(format!("`{part}` is neither a path, a number, a text in single quotes nor a call"))
        }
    }

    fn call(&mut self, depth: usize, read: &mut dyn FnMut(&str)) -> Result<(), String> {
        let Some(open) = self.rest().find('(') else {
            return Err("a call has its arguments in parentheses".to_owned());
        };
        let name = self.rest()["States.".len()..open].to_owned();
        let Some((_, least, most)) = INTRINSICS.iter().find(|(known, _, _)| *known == name) else {
            let near = crate::diagnostics::closest(&name, INTRINSICS.iter().map(|(known, _, _)| *known));
            let hint = near.map(|near| format!("; did you mean `States.{near}`?")).unwrap_or_default();
            return Err(format!("there is no `States.{name}`{hint}"));
        };
        self.at += open + 1;
        let mut count = 0;
        self.space();
        if !self.rest().starts_with(')') {
            loop {
                self.value(depth + 1, read)?;
                count += 1;
                self.space();
                if !self.rest().starts_with(',') {
                    break;
                }
                self.at += 1;
            }
        }
        if !self.rest().starts_with(')') {
            return Err("`)` is missing".to_owned());
        }
        self.at += 1;
        if count < *least || count > *most {
            return Err(format!("`States.{name}` takes {}, and {count} are given", takes(*least, *most)));
        }
        Ok(())
    }
}

fn takes(least: usize, most: usize) -> String {
    match (least, most) {
        (least, 99) => format!("at least {least} arguments"),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    }
}
