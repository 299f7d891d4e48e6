//! Pages of HTML, parsed only where that takes time and memory in proportion to their length: a hostile
//! portal could hold the run up with one page. What a page costs is measured while it is parsed.

use std::cell::Cell;

use html5ever::{
    TokenizerResult,
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{Tag, Token, TokenSink, TokenSinkResult, Tokenizer},
    tree_builder::{TreeBuilder, TreeSink},
};
use reports::bounds::PAGE;
use scraper::{Html, HtmlTreeSink};

type Handle = <HtmlTreeSink as TreeSink>::Handle;

/// How deep elements may stand in one another. Browsers stop at about half of it, and no page that
/// people use comes near.
const DEEPEST: usize = 1000;

/// Nodes beyond one for every two bytes: formats that are opened again in every paragraph make more.
const NODES: usize = 1000;

/// Comparisons that a page may cost the parser. A table of the largest size costs a quarter of it.
const EFFORT: usize = 200_000_000;

/// Comparisons that take as long as one step up the tree, and as one of an attribute with another.
const STEP: usize = 4;
const ATTRIBUTE: usize = 2;

/// Bytes from one look to the next.
const STRETCH: usize = 512;

/// A page; an empty one where parsing it would cost too much, so that nothing is found on it.
#[must_use]
pub fn parse(body: &str) -> Html {
    measured(body).unwrap_or_else(|| Html::parse_document(""))
}

/// A text as it reads where its entities are characters, each decoded once. They are those of an
/// attribute, so that `&section=` in a link is none; what looks like a tag stays.
#[must_use]
pub fn unescaped(text: &str) -> String {
    let html = Html::parse_fragment(&format!("<p lang=\"{}\">", text.replace('"', "&quot;")));
    let found = html.tree.values().find_map(|node| node.as_element()?.attr("lang"));
    found.unwrap_or_default().to_owned()
}

fn measured(mut body: &str) -> Option<Html> {
    let builder = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), Default::default());
    let tokenizer = Tokenizer::new(Counter { builder, seen: Cell::default() }, Default::default());
    let input = BufferQueue::default();
    let mut cost = Cost::default();
    while !body.is_empty() {
        let (stretch, rest) = body.split_at(body.floor_char_boundary(STRETCH));
        body = rest;
        input.push_back(StrTendril::from(stretch));
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        let Counter { builder, seen } = &tokenizer.sink;
        if !cost.bears(stretch, seen.replace(TokensSeen::default()), &builder.sink.0.borrow()) {
            return None;
        }
    }
    tokenizer.end();
    Some(tokenizer.sink.builder.sink.finish())
}

/// What the tokenizer handed on during a stretch.
#[derive(Clone, Copy, Default)]
struct TokensSeen {
    /// Tags, texts and comments.
    tokens: usize,
    /// Errors since the last of them: attributes that no space stands before are such.
    errors: usize,
    /// Attributes for an element that stands already, `<html>` or `<body>`.
    added: usize,
}

/// Stands before the tree, and counts what comes.
struct Counter {
    builder: TreeBuilder<Handle, HtmlTreeSink>,
    seen: Cell<TokensSeen>,
}

impl TokenSink for Counter {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        let TokensSeen { tokens, errors, added } = self.seen.get();
        self.seen.set(match &token {
            Token::ParseError(_) => TokensSeen { tokens, errors: errors + 1, added },
            Token::TagToken(Tag { name, attrs, .. }) if matches!(&**name, "html" | "body") => {
                TokensSeen { tokens: tokens + 1, errors: 0, added: added + attrs.len() }
            }
            Token::TagToken(_)
            | Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::CharacterTokens(_)
            | Token::NullCharacterToken
            | Token::EOFToken => TokensSeen { tokens: tokens + 1, errors: 0, added },
        });
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// What a page cost so far.
#[derive(Default)]
struct Cost {
    bytes: usize,
    nodes: usize,
    /// The deepest that a node stood when it was new. The parser walks up that far for a tag.
    depth: usize,
    /// Attributes of the tag that is still open, at most: each is compared with all before it. The tree
    /// cannot be looked at within a tag.
    attributes: usize,
    /// As [`TokensSeen::added`], of the whole page: each is put in order among all before it.
    added: usize,
    effort: usize,
}

impl Cost {
    /// Counts a stretch; whether the page may go on.
    fn bears(&mut self, stretch: &str, seen: TokensSeen, html: &Html) -> bool {
        self.bytes += stretch.len();
        let nodes = html.tree.nodes().len();
        let new = nodes - self.nodes;
        self.nodes = nodes;
        if nodes > PAGE.most || nodes > self.bytes / 2 + NODES {
            return false;
        }
        // All the new ones: the last of them may stand anywhere.
        let depths = html.tree.nodes().rev().take(new).map(|node| node.ancestors().count());
        self.depth = depths.fold(self.depth, usize::max);
        let before = if seen.tokens == 0 { self.attributes } else { 0 };
        let spaces = stretch.bytes().filter(u8::is_ascii_whitespace).count();
        self.attributes = before + spaces + seen.errors;
        self.added += seen.added;
        self.effort += (seen.tokens + new) * self.depth * STEP
            + (spaces + seen.errors) * self.attributes * ATTRIBUTE
            + seen.added * self.added;
        self.depth <= DEEPEST && self.effort <= EFFORT
    }
}

#[cfg(test)]
mod tests;
