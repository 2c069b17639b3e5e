//! Parameters in the path, the query and the headers: OpenAPI's table of styles, read backwards.
//!
//! Delimiters count as they stand on the wire, before percent-decoding: in `a,b%2Cc` there are two
//! items (RFC 6570, section 3.2.8). A value in another style than the documented one is refused, or
//! reads as something else that the schema refuses.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::Value;

use crate::document::Place;
use crate::error::StartError;
use crate::json::escape;
use crate::operation::Operation;
use crate::percent::{self, Plus, decode};
use crate::route::PathValues;
use crate::shape::Shape;
use crate::validate::{Check, Schemas, Violation};

/// A declared parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    location: Location,
    style: Style,
    required: bool,
    default: Option<Value>,
    /// What the document gives as examples.
    pub(crate) examples: Vec<Value>,
    shape: Shape,
    check: Check,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Location {
    Path,
    Query,
    Header,
}

/// Style and explode in one. What a style does not tell apart is one variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `simple`, in a path or a header: items follow a comma.
    Simple(Members),
    /// `form` with explode: one pair an item, or one pair a member under the member's own name.
    FormExploded,
    /// One pair; items follow the delimiter.
    Delimited(Delimiter),
    /// `deepObject`: `name[member]=value`.
    DeepObject,
}

/// How the members of an object are written in `simple` style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Members {
    /// `a=1,b=2`
    Assigned,
    /// `a,1,b,2`
    Alternating,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delimiter {
    Comma,
    Space,
    Pipe,
}

/// The values of a request's parameters, by name. Defaults of the document are filled in.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    path: BTreeMap<String, Value>,
    query: BTreeMap<String, Value>,
    header: BTreeMap<String, Value>,
}

/// Reads every parameter of a request, or says everything that is wrong with them.
pub(crate) fn read(
    operation: &Operation,
    path: &PathValues,
    query: &str,
    headers: &HeaderMap,
) -> Result<Arguments, Vec<Violation>> {
    let mut violations = Vec::new();
    let mut query = Query::read(query, &mut violations);
    let mut arguments = Arguments::default();
    for parameter in &operation.parameters {
        let read = match parameter.location {
            Location::Path => parameter.read_path(path),
            Location::Query => parameter.read_query(&mut query),
            Location::Header => parameter.read_header(headers),
        };
        match read {
            Ok(Some(value)) => {
                violations.extend(parameter.check.violations(&value, &parameter.pointer()));
                arguments.put(parameter, value);
            }
            Ok(None) if parameter.required => {
                violations.push(parameter.violation("the parameter is required"));
            }
            Ok(None) => {
                if let Some(default) = &parameter.default {
                    arguments.put(parameter, default.clone());
                }
            }
            Err(reason) => violations.push(parameter.violation(reason)),
        }
    }
    violations.extend(query.unknown());
    if violations.is_empty() { Ok(arguments) } else { Err(violations) }
}

impl Arguments {
    pub(crate) fn path(&self, name: &str) -> Option<&Value> {
        self.path.get(name)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&Value> {
        self.query.get(name)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&Value> {
        self.header.get(name)
    }

    /// Every parameter in the path.
    pub(crate) fn in_path(&self) -> &BTreeMap<String, Value> {
        &self.path
    }

    /// The parameters in the query, without those of these names.
    pub(crate) fn in_query_but(&self, names: &[&str]) -> BTreeMap<&str, &Value> {
        let query = self.query.iter().map(|(name, value)| (name.as_str(), value));
        query.filter(|(name, _)| !names.contains(name)).collect()
    }

    fn put(&mut self, parameter: &Parameter, value: Value) {
        let values = match parameter.location {
            Location::Path => &mut self.path,
            Location::Query => &mut self.query,
            Location::Header => &mut self.header,
        };
        values.insert(parameter.name.clone(), value);
    }
}

impl Parameter {
    /// Reads a declaration. `None` for the header names that OpenAPI tells readers to ignore.
    pub(crate) fn read(
        place: &Place<'_>,
        schemas: &Schemas<'_>,
    ) -> Result<Option<Self>, StartError> {
        let name = place.text("name").ok_or_else(|| place.error("a parameter has a `name`"))?;
        let location = match place.text("in") {
            Some("path") => Location::Path,
            Some("query") => Location::Query,
            Some("header") => Location::Header,
            _ => return Err(place.error("`in` is one of path, query and header")),
        };
        if location == Location::Header && IGNORED.iter().any(|it| it.eq_ignore_ascii_case(name)) {
            return Ok(None);
        }
        let schema = place
            .get("schema")
            .ok_or_else(|| place.error("only parameters with a `schema` can be played"))?;
        let flag = |name: &str| place.value.get(name).and_then(Value::as_bool);
        Ok(Some(Self {
            name: name.to_owned(),
            location,
            style: Style::read(place, location, flag("explode"))?,
            required: flag("required").unwrap_or(false),
            default: default_of(&schema)?,
            examples: place.examples()?,
            shape: Shape::of(&schema)?,
            check: schemas.check_of_request(&schema)?,
        }))
    }

    pub(crate) fn is_in_path(&self) -> bool {
        self.location == Location::Path
    }

    pub(crate) fn is_in_query(&self) -> bool {
        self.location == Location::Query
    }

    pub(crate) fn is_in_header(&self) -> bool {
        self.location == Location::Header
    }

    /// Whether this and `other` are the same parameter (same name and place).
    pub(crate) fn overrides(&self, other: &Self) -> bool {
        self.location == other.location && self.name == other.name
    }

    fn read_path(&self, path: &PathValues) -> Read {
        match path.get(&self.name) {
            None | Some("") => Ok(None),
            Some(raw) => {
                if matches!(decode(raw, Plus::Literal)?.as_str(), "." | "..") {
                    // Every proxy on the way would remove it and ask for another resource.
                    return Err("the path holds a dot segment".to_owned());
                }
                self.read_simple(raw, |text| Ok(decode(text, Plus::Literal)?)).map(Some)
            }
        }
    }

    fn read_header(&self, headers: &HeaderMap) -> Read {
        let mut lines = Vec::new();
        for line in headers.get_all(&self.name) {
            lines.push(line.to_str().map_err(|_| "the header is not visible ASCII".to_owned())?);
        }
        if lines.is_empty() {
            return Ok(None);
        }
        self.read_simple(&lines.join(","), |text| Ok(text.trim().to_owned())).map(Some)
    }

    fn read_simple(
        &self,
        raw: &str,
        decoded: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Value, String> {
        if self.shape.is_array() {
            let items = raw.split(',').map(decoded).collect::<Result<Vec<_>, _>>()?;
            return Ok(self.shape.read_items(items.iter().map(String::as_str)));
        }
        if !self.shape.is_object() {
            return Ok(self.shape.read(&decoded(raw)?));
        }
        let texts = match self.style {
            Style::Simple(Members::Assigned) => {
                let mut members = Vec::new();
                for pair in raw.split(',') {
                    let pair = pair.split_once('=').ok_or("a member is written `name=value`")?;
                    members.push((decoded(pair.0)?, decoded(pair.1)?));
                }
                members
            }
            _ => alternating(&raw.split(',').map(decoded).collect::<Result<Vec<_>, _>>()?)?,
        };
        Ok(self.shape.read_members(texts))
    }

    fn read_query(&self, query: &mut Query<'_>) -> Read {
        let (list, object) = (self.shape.is_array(), self.shape.is_object());
        match self.style {
            Style::DeepObject => self.read_deep_object(query),
            Style::FormExploded if object => self.read_members(query),
            Style::FormExploded if list => self.read_repeated(query),
            Style::Delimited(delimiter) if list || object => self.read_cut(delimiter, query),
            // A single value looks the same in every style.
            Style::FormExploded | Style::Delimited(_) | Style::Simple(_) => self.read_scalar(query),
        }
    }

    /// An object in exploded form style: one pair a member, under the member's own name.
    fn read_members(&self, query: &mut Query<'_>) -> Read {
        let mut texts = Vec::new();
        for name in self.shape.property_names() {
            if let Some(raw) = query.take_one(name)? {
                texts.push((name.to_owned(), decode(raw, Plus::Space)?));
            }
        }
        Ok((!texts.is_empty()).then(|| self.shape.read_members(texts)))
    }

    /// A list in exploded form style: one pair an item.
    fn read_repeated(&self, query: &mut Query<'_>) -> Read {
        let items = query.take(&self.name);
        if items.is_empty() {
            return Ok(None);
        }
        let texts = decode_all(&items)?;
        Ok(Some(self.shape.read_items(texts.iter().map(String::as_str))))
    }

    /// A list or an object in one pair.
    fn read_cut(&self, delimiter: Delimiter, query: &mut Query<'_>) -> Read {
        let Some(raw) = query.take_one(&self.name)? else { return Ok(None) };
        let texts = decode_all(&delimiter.cut(raw))?;
        if self.shape.is_array() {
            return Ok(Some(self.shape.read_items(texts.iter().map(String::as_str))));
        }
        Ok(Some(self.shape.read_members(alternating(&texts)?)))
    }

    fn read_scalar(&self, query: &mut Query<'_>) -> Read {
        let Some(raw) = query.take_one(&self.name)? else { return Ok(None) };
        Ok(Some(self.shape.read(&decode(raw, Plus::Space)?)))
    }

    fn read_deep_object(&self, query: &mut Query<'_>) -> Read {
        if !query.take(&self.name).is_empty() {
            let name = &self.name;
            return Err(format!("an object in deepObject style is written `{name}[member]=value`"));
        }
        let mut texts: Vec<(String, String)> = Vec::new();
        for (member, raw) in query.take_members(&self.name) {
            if member.contains(['[', ']']) {
                return Err("deepObject style has one level of members".to_owned());
            }
            if texts.iter().any(|(known, _)| *known == member) {
                return Err(format!("the member `{member}` is given more than once"));
            }
            texts.push((member, decode(raw, Plus::Space)?));
        }
        Ok((!texts.is_empty()).then(|| self.shape.read_members(texts)))
    }

    fn pointer(&self) -> String {
        let location = match self.location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
        };
        format!("/{location}/{}", escape(&self.name))
    }

    fn violation(&self, reason: impl Into<String>) -> Violation {
        Violation::new(self.pointer(), reason)
    }
}

impl Style {
    /// The defaults are those of OpenAPI 3.1.1, "Style Values".
    fn read(
        place: &Place<'_>,
        location: Location,
        explode: Option<bool>,
    ) -> Result<Self, StartError> {
        let usual = if location == Location::Query { "form" } else { "simple" };
        let style = place.text("style").unwrap_or(usual);
        let explode = explode.unwrap_or(style == "form");
        match (location, style) {
            (Location::Path | Location::Header, "simple") => {
                Ok(Self::Simple(if explode { Members::Assigned } else { Members::Alternating }))
            }
            (Location::Query, "form") if explode => Ok(Self::FormExploded),
            (Location::Query, "form") => Ok(Self::Delimited(Delimiter::Comma)),
            (Location::Query, "spaceDelimited") if !explode => {
                Ok(Self::Delimited(Delimiter::Space))
            }
            (Location::Query, "pipeDelimited") if !explode => Ok(Self::Delimited(Delimiter::Pipe)),
            (Location::Query, "deepObject") => Ok(Self::DeepObject),
            _ => Err(place.error(format!("the style `{style}` cannot be played here"))),
        }
    }
}

impl Delimiter {
    /// Cuts before decoding. A space and a pipe cannot stand in a URI, so they come encoded.
    fn cut(self, raw: &str) -> Vec<&str> {
        let marks: &[&str] = match self {
            Self::Comma => &[","],
            Self::Space => &["%20", "+"],
            Self::Pipe => &["%7C", "%7c", "|"],
        };
        let mut pieces = Vec::new();
        let mut rest = raw;
        while let Some((at, mark)) = first_of(rest, marks) {
            pieces.push(rest.get(..at).unwrap_or_default());
            rest = rest.get(at + mark.len()..).unwrap_or_default();
        }
        pieces.push(rest);
        pieces
    }
}

/// What reading one parameter gives: a value, nothing, or the reason why not.
type Read = Result<Option<Value>, String>;

/// The pairs of a query that no parameter has taken yet.
struct Query<'q> {
    /// Decoded name and raw value.
    pairs: Vec<(String, &'q str)>,
}

impl<'q> Query<'q> {
    fn read(raw: &'q str, violations: &mut Vec<Violation>) -> Self {
        let mut pairs = Vec::new();
        for (name, value) in percent::pairs(raw) {
            match decode(name, Plus::Space) {
                Ok(name) => pairs.push((name, value)),
                Err(reason) => violations.push(Violation::new("/query", reason)),
            }
        }
        Self { pairs }
    }

    fn take(&mut self, name: &str) -> Vec<&'q str> {
        self.pairs.extract_if(.., |(known, _)| known == name).map(|(_, value)| value).collect()
    }

    fn take_one(&mut self, name: &str) -> Result<Option<&'q str>, String> {
        let values = self.take(name);
        match values.as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            more => Err(format!("`{name}` is given {} times and may be given once", more.len())),
        }
    }

    /// The members of `name[member]`, each with its raw value.
    fn take_members(&mut self, name: &str) -> Vec<(String, &'q str)> {
        let mut members = Vec::new();
        self.pairs.retain(|(known, value)| {
            let inner = known.strip_prefix(name).and_then(|rest| rest.strip_prefix('['));
            match inner.and_then(|rest| rest.strip_suffix(']')) {
                Some(member) => {
                    members.push((member.to_owned(), *value));
                    false
                }
                None => true,
            }
        });
        members
    }

    fn unknown(self) -> impl Iterator<Item = Violation> {
        self.pairs.into_iter().map(|(name, _)| {
            Violation::new(format!("/query/{}", escape(&name)), "the parameter is not known")
        })
    }
}

/// A default beside a `$ref` comes before the one behind it.
fn default_of(schema: &Place<'_>) -> Result<Option<Value>, StartError> {
    let behind = schema.resolved()?;
    Ok(schema.value.get("default").or_else(|| behind.value.get("default")).cloned())
}

fn decode_all(raw: &[&str]) -> Result<Vec<String>, &'static str> {
    raw.iter().map(|raw| decode(raw, Plus::Space)).collect()
}

/// `name,value,name,value`
fn alternating(texts: &[String]) -> Result<Vec<(String, String)>, String> {
    let mut members = Vec::new();
    for pair in texts.chunks(2) {
        let [name, value] = pair else {
            return Err("a name is without a value".to_owned());
        };
        members.push((name.clone(), value.clone()));
    }
    Ok(members)
}

fn first_of<'m>(text: &str, marks: &[&'m str]) -> Option<(usize, &'m str)> {
    marks.iter().filter_map(|mark| Some((text.find(mark)?, *mark))).min_by_key(|(at, _)| *at)
}

/// OpenAPI 3.1.1, "Parameter Object": these header parameters shall be ignored.
const IGNORED: [&str; 3] = ["Accept", "Content-Type", "Authorization"];
