//! Reading a ledger, whatever became of its file. A line that is lost costs as little as can be, by these
//! rules: nothing that may be somebody else's is ever the run's to remove, and no account is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Unusable,
    book::{Book, Stage},
    line::{Before, Harm, Line, Piece, pieces},
};

/// Far more lines than the accounts of any run take: each is held in memory until all are read.
const MOST_LINES: usize = 100_000;

const DOUBTFUL: &str = "a damaged line of the ledger may say that it is not this run's: nothing was sent; look for it by hand";

/// Lines in the order in which they were written.
#[derive(Default)]
struct Order {
    lines: Vec<(Before, Line)>,
    /// What is left of lines that were written a second time.
    again: Vec<Line>,
    /// What stands before whatever is written next, as far as that is known.
    end: Before,
}

impl Book {
    /// What the bytes of a ledger say.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unusable> {
        if bytes.is_empty() {
            return Err(Unusable::Empty);
        }
        if bytes.iter().filter(|byte| **byte == b'\n').count() > MOST_LINES {
            return Err(Unusable::Odd);
        }
        let pieces = pieces(bytes);
        let numbered = is_of_one_run(&pieces)?;
        let Order { lines, again, end } =
            if numbered { by_number(pieces)? } else { by_place(pieces) };
        let mut book = Self { before: numbered.then_some(end), ..Self::default() };
        let mut at = Before::default();
        for (before, line) in lines {
            book.lost(at, before);
            at = before.after(&line);
            book.take(line);
        }
        book.lost(at, end);
        again.into_iter().filter(Line::bars).for_each(|line| book.take(line));
        book.lets_go_of_what_is_doubtful();
        book.next = book.next.saturating_add(book.hidden);
        Ok(book)
    }

    /// Between two lines something is lost, or nothing.
    fn lost(&mut self, at: Before, next: Before) {
        // What counts backwards was not written so.
        let lost = |next: u64, at: u64| next.checked_sub(at).unwrap_or(1);
        self.hidden = self.hidden.saturating_add(lost(next.accounts, at.accounts));
        if lost(next.not_ours, at.not_ours) == 0 {
            return;
        }
        // The line may say that the portal takes one name for another.
        self.kept_apart = false;
        let open = |stage| matches!(stage, Stage::Begun | Stage::Created);
        let accounts = self.accounts.values_mut();
        accounts
            .filter(|account| !account.is_lent && open(account.stage))
            .for_each(|account| account.is_doubtful = true);
    }

    fn lets_go_of_what_is_doubtful(&mut self) {
        for account in self.accounts.values_mut().filter(|account| account.is_doubtful) {
            (account.stage, account.why) = (Stage::LetGo, Some(DOUBTFUL.to_owned()));
        }
    }
}

/// Whether its lines say what stands before them. Two runs, or two accounts of one number, would hide each
/// other.
fn is_of_one_run(pieces: &[Piece]) -> Result<bool, Unusable> {
    let mut numbered = None;
    let mut numbers = BTreeSet::new();
    for piece in pieces.iter().filter(|piece| piece.whole) {
        let Some((line, before)) = &piece.line else { continue };
        if matches!(line, Line::Begun(_)) && numbered.replace(before.is_some()).is_some() {
            return Err(mixed(piece, "begins a second run"));
        }
        if line.begins() && !line.number().is_some_and(|n| numbers.insert(n)) {
            return Err(mixed(piece, "begins a second account of the same number"));
        }
    }
    numbered.ok_or(Unusable::NoLedger)
}

const fn mixed(piece: &Piece, what: &'static str) -> Unusable {
    Unusable::Mixed { line: piece.at, what }
}

/// Lines of before version 1.1: each stands where it was written. Where one is damaged, anything may be
/// lost.
fn by_place(pieces: Vec<Piece>) -> Order {
    let mut order = Order::default();
    let known = begun(&pieces);
    for piece in pieces {
        if let Some((line, _)) = piece.line.filter(|(line, _)| piece.whole || is_new(line, &known))
        {
            let before = order.end;
            order.end = before.after(&line);
            order.lines.push((before, line));
        }
        order.end = order.end.after_harm(piece.harm);
    }
    order
}

/// Numbers of the accounts that whole lines begin.
fn begun(pieces: &[Piece]) -> BTreeSet<u64> {
    let whole = pieces.iter().filter(|piece| piece.whole).filter_map(|piece| piece.line.as_ref());
    whole.filter(|(line, _)| line.begins()).filter_map(|(line, _)| line.number()).collect()
}

/// Whether what is left of a line tells of no account that is known already.
fn is_new(line: &Line, known: &BTreeSet<u64>) -> bool {
    !(line.begins() && line.number().is_some_and(|n| known.contains(&n)))
}

/// Lines that say what stands before them: what is lost between two of them is known by that, whatever
/// the damage looks like. Only of what came after the last one it is not.
fn by_number(pieces: Vec<Piece>) -> Result<Order, Unusable> {
    let harm = harm_at_the_end(&pieces);
    let known = begun(&pieces);
    let mut placed = BTreeMap::new();
    let mut again = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.whole) {
        let Some((line, before)) = &piece.line else { continue };
        let before = before.ok_or(mixed(piece, "does not say what stands before it"))?;
        if placed.insert(before.lines, (before, line.clone())).is_some() {
            return Err(mixed(piece, "stands in the place of another"));
        }
    }
    for piece in pieces.into_iter().filter(|piece| !piece.whole) {
        match piece.line {
            Some((line, Some(before)))
                if !placed.contains_key(&before.lines) && is_new(&line, &known) =>
            {
                placed.insert(before.lines, (before, line));
            }
            Some((line, _)) => again.push(line),
            None => {}
        }
    }
    let lines: Vec<_> = placed.into_values().collect();
    let end = lines.last().map(|(before, line)| before.after(line)).unwrap_or_default();
    let end = harm.into_iter().fold(end, Before::after_harm);
    Ok(Order { lines, again, end })
}

/// What of the damage may stand after the last line. Where the lines are not in their order, that may be
/// any of it.
fn harm_at_the_end(pieces: &[Piece]) -> Vec<Harm> {
    let place = |piece: &Piece| piece.line.as_ref()?.1.map(|before| before.lines);
    let last = pieces.iter().rposition(|piece| place(piece).is_some());
    let in_order = pieces.iter().filter_map(place).is_sorted();
    let end = if in_order { pieces.get(last.unwrap_or_default()..) } else { Some(pieces) };
    end.unwrap_or_default().iter().map(|piece| piece.harm).collect()
}
