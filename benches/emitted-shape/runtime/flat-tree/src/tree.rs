use shape_json_common::{DecodeError, Lexer, MAX_DEPTH, Span};

/// A parsed document: the text, and one slot for each key and value in the order of the text.
///
/// Nothing is copied. A container's children follow it at once; `next` leads past them.
#[derive(Debug)]
pub(crate) struct Tree<'t> {
    pub(crate) text: &'t str,
    pub(crate) slots: Vec<Slot>,
}

/// Sixteen bytes: an offset fits 32 bits, because larger documents are refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) next: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Number,
    Plain,
    Escaped,
    List,
    Object,
}

impl<'t> Tree<'t> {
    pub(crate) fn parse(body: &'t [u8]) -> Result<Self, DecodeError> {
        if u32::try_from(body.len()).is_err() {
            return Err(DecodeError::syntax(0, "a document under 4 GiB"));
        }
        let lexer = Lexer::new(body)?;
        // Real documents need a slot for about 16 bytes of text; a low first guess only costs a copy.
        let slots = Vec::with_capacity(body.len() / 16 + 1);
        let mut parser = Parser { lexer, slots };
        parser.value(0)?;
        let text = parser.lexer.text();
        parser.lexer.finish()?;
        Ok(Self { text, slots: parser.slots })
    }
}

impl Tree<'_> {
    /// Adds the way to the slot at `target`.
    ///
    /// A node knows its place, so the path is worked out here, once, and no generated code has to carry it.
    pub(crate) fn locate(&self, target: u32, mut error: DecodeError) -> DecodeError {
        let mut steps = Vec::new();
        let mut at = 0;
        while at != target {
            let keyed = u32::from(self.slots[at as usize].kind == Kind::Object);
            let (mut child, mut position) = (at + 1 + keyed, 0);
            while self.slots[child as usize].next <= target {
                child = self.slots[child as usize].next + keyed;
                position += 1;
            }
            steps.push((keyed == 1, child, position));
            at = child;
        }
        for (keyed, child, position) in steps.into_iter().rev() {
            error = if keyed {
                error.in_key(self.written(child - 1))
            } else {
                error.at_index(position)
            };
        }
        error
    }

    /// The text of a slot, as written.
    pub(crate) fn written(&self, index: u32) -> &str {
        let slot = self.slots[index as usize];
        &self.text[slot.start as usize..slot.end as usize]
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    slots: Vec<Slot>,
}

impl Parser<'_> {
    fn value(&mut self, depth: u32) -> Result<(), DecodeError> {
        if depth > MAX_DEPTH {
            return Err(self.lexer.unexpected("less nesting"));
        }
        match self.lexer.peek() {
            b'"' => self.string(),
            b'{' => self.container(depth, b'{', b'}', Kind::Object),
            b'[' => self.container(depth, b'[', b']', Kind::List),
            b't' => self.literal("true", Kind::True),
            b'f' => self.literal("false", Kind::False),
            b'n' => self.literal("null", Kind::Null),
            _ => {
                let start = self.lexer.at();
                self.lexer.number()?;
                self.push(Kind::Number, start, self.lexer.at());
                Ok(())
            }
        }
    }

    fn string(&mut self) -> Result<(), DecodeError> {
        let Span { text, escaped } = self.lexer.string()?;
        let end = self.lexer.at() - 1;
        self.push(if escaped { Kind::Escaped } else { Kind::Plain }, end - text.len(), end);
        Ok(())
    }

    fn literal(&mut self, word: &'static str, kind: Kind) -> Result<(), DecodeError> {
        let start = self.lexer.at();
        self.lexer.literal(word)?;
        self.push(kind, start, self.lexer.at());
        Ok(())
    }

    fn container(
        &mut self,
        depth: u32,
        open: u8,
        close: u8,
        kind: Kind,
    ) -> Result<(), DecodeError> {
        let (index, start) = (self.slots.len(), self.lexer.at());
        self.push(kind, start, start);
        self.lexer.take(open);
        let mut first = true;
        while !self.lexer.take(close) {
            if !first {
                self.lexer.expect(b',', "a comma")?;
            }
            first = false;
            if kind == Kind::Object {
                self.string()?;
                self.lexer.expect(b':', "a colon")?;
            }
            self.value(depth + 1)?;
        }
        let next = self.slots.len() as u32;
        let slot = &mut self.slots[index];
        slot.end = self.lexer.at() as u32;
        slot.next = next;
        Ok(())
    }

    /// The casts cannot truncate: `Tree::parse` refuses texts over 4 GiB, and a slot needs at least a byte of text.
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let next = self.slots.len() as u32 + 1;
        self.slots.push(Slot { kind, start: start as u32, end: end as u32, next });
    }
}
