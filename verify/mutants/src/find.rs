//! Finds where in a source the switches of its mutants go.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::request::{Genre, Mutant, Position};

/// A place that changes, in bytes of the source.
#[derive(Debug)]
pub enum Place {
    /// Other results, at the start of a body.
    Body { at: usize, results: Vec<(u32, String)> },
    /// An expression, and what is put for a part of it.
    Expression { whole: Range<usize>, mutants: Vec<(u32, Range<usize>, String)> },
    /// A guard, or where one would begin.
    Guard {
        whole: Range<usize>,
        is_there: bool,
        deleted: Option<u32>,
        always: Option<u32>,
        never: Option<u32>,
    },
}

/// All of a file, and the mutants that they belong to.
#[derive(Debug, Default)]
pub struct Found {
    pub places: Vec<Place>,
    pub ids: BTreeSet<u32>,
}

/// Finds the places of the mutants.
pub fn places(text: &str, mutants: &[&Mutant]) -> syn::Result<Found> {
    let file = syn::parse_file(text)?;
    let lines = LineStarts::of(text);
    let mut finder = Finder { wanted: HashMap::new(), found: Found::default() };
    for mutant in mutants {
        let range = lines.offset(text, mutant.span.start)..lines.offset(text, mutant.span.end);
        finder.wanted.entry((kind(mutant.genre), range.start)).or_default().push((
            mutant.id,
            range,
            mutant.replacement.clone(),
        ));
    }
    finder.visit_file(&file);
    Ok(finder.found)
}

/// Mutants of one kind that begin at the same byte change the same place.
const fn kind(genre: Genre) -> u8 {
    genre as u8
}

struct LineStarts(Vec<usize>);

impl LineStarts {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn offset(&self, text: &str, at: Position) -> usize {
        let start = self.0[at.line - 1];
        start + text[start..].chars().take(at.column - 1).map(char::len_utf8).sum::<usize>()
    }
}

type Part = (u32, Range<usize>, String);

struct Finder {
    wanted: HashMap<(u8, usize), Vec<Part>>,
    found: Found,
}

impl Finder {
    fn take(&mut self, genre: Genre, start: usize) -> Vec<Part> {
        let parts = self.wanted.remove(&(kind(genre), start)).unwrap_or_default();
        self.found.ids.extend(parts.iter().map(|part| part.0));
        parts
    }

    fn expression(&mut self, whole: Range<usize>, mutants: Vec<Part>) {
        if !mutants.is_empty() {
            self.found.places.push(Place::Expression { whole, mutants });
        }
    }

    fn body(&mut self, block: &syn::Block) {
        if let Some(first) = block.stmts.first() {
            let at = first.span().byte_range().start;
            let results: Vec<_> =
                self.take(Genre::FnValue, at).into_iter().map(|(id, _, text)| (id, text)).collect();
            if !results.is_empty() {
                self.found.places.push(Place::Body { at, results });
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    // The compiler computes these: nothing can be chosen there at run time.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_type_array(&mut self, _: &'ast syn::TypeArray) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
    fn visit_variant(&mut self, _: &'ast syn::Variant) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.body(&function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.body(&function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.body(block);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if !has_let(&binary.left) && !has_let(&binary.right) {
            let mutants = self.take(Genre::BinaryOperator, binary.op.span().byte_range().start);
            self.expression(binary.span().byte_range(), mutants);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        let whole = unary.span().byte_range();
        let mutants = self.take(Genre::UnaryOperator, whole.start);
        self.expression(whole, mutants);
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_struct(&mut self, value: &'ast syn::ExprStruct) {
        let mutants: Vec<_> = value
            .fields
            .iter()
            .flat_map(|field| self.take(Genre::StructField, field.span().byte_range().start))
            .collect();
        self.expression(value.span().byte_range(), mutants);
        visit::visit_expr_struct(self, value);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let pattern = arm.pat.span().byte_range();
        let guard = arm.guard.as_ref().map(|(_, guard)| guard).filter(|guard| !has_let(guard));
        if arm.guard.is_none() || guard.is_some() {
            let deleted =
                self.take(Genre::MatchArm, arm.span().byte_range().start).first().map(|part| part.0);
            let whole = guard.map_or(pattern.end..pattern.end, |guard| guard.span().byte_range());
            let replaced = guard.map(|_| self.take(Genre::MatchArmGuard, whole.start)).unwrap_or_default();
            let with = |text| replaced.iter().find(|part| part.2 == text).map(|part| part.0);
            let (always, never) = (with("true"), with("false"));
            if deleted.or(always).or(never).is_some() {
                self.found.places.push(Place::Guard {
                    whole,
                    is_there: guard.is_some(),
                    deleted,
                    always,
                    never,
                });
            }
        }
        visit::visit_arm(self, arm);
    }
}

/// Whether the expression is, or is a chain with, `let`.
fn has_let(expression: &syn::Expr) -> bool {
    match expression {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}
