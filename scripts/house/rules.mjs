// The figures of the house (see CONTRIBUTING.md): each a name, the worst value, its limit, and what breaks it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { everyNode, isExported, readSources, relativeImports } from './sources.mjs';

export const LIMITS = { folder: 20, file: 300, entry: 15, fragment: 20 };

/** @returns {{ name: string, value: string, limit: string, breaches: string[] }[]} */
export function measureHouse(root) {
  const sources = readSources(root);
  return [
    folders(sources),
    files(sources),
    entries(sources),
    fragments(sources, root),
    twins(sources),
    providers(sources),
  ];
}

function folders(sources) {
  const counts = countBy(sources, (source) => source.folder);
  return figure('largest folder, source files', counts, LIMITS.folder, (folder, count) => `${folder}: ${count} files`);
}

function files(sources) {
  const lines = new Map(sources.map((source) => [source.path, source.lines]));
  return figure('largest file, lines', lines, LIMITS.file, (path, count) => `${path}: ${count} lines`);
}

function entries(sources) {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const widths = new Map();
  for (const source of sources) {
    if (/^libs\/[^/]+\/index\.ts$/.test(source.path)) widths.set(source.lib, publicNames(source, byPath).length);
  }
  return figure('widest public entry, names', widths, LIMITS.entry, (lib, count) => `#${lib}: ${count} names`);
}

/** Names that a public entry offers; members of a namespace or of an object of other exports count as names. */
export function publicNames(entry, byPath) {
  return entry.tree.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement)) return isExported(statement) ? [statement.getText()] : [];
    const target = byPath.get(join(entry.folder, statement.moduleSpecifier.text).replace(/\.js$/, '.ts'));
    const named = statement.exportClause;
    if (named === undefined || ts.isNamespaceExport(named)) return target ? [...target.exports] : ['*'];
    return named.elements.flatMap(({ name, propertyName }) => {
      const members = bundled(target, (propertyName ?? name).text);
      return members.length > 0 ? members : [name.text];
    });
  });
}

/** The members of `export const x = { Class, otherExport }`: such a constant is a namespace by another name. */
function bundled(source, name) {
  for (const statement of source?.tree.statements ?? []) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: declared, initializer } of statement.declarationList.declarations) {
      if (declared.getText() !== name || !initializer || !ts.isObjectLiteralExpression(initializer)) continue;
      const { properties } = initializer;
      if (properties.length > 0 && properties.every(ts.isShorthandPropertyAssignment))
        return properties.map((p) => p.name.text);
    }
  }
  return [];
}

/**
 * A short file with one reader belongs in that reader. Public entries and tested files have more readers, and entities,
 * modules, settings and event types are read by name.
 */
function fragments(sources, root) {
  const readers = countBy(sources.flatMap(relativeImports), (path) => path);
  const offered = new Set(sources.filter((s) => /^libs\/[^/]+\/index\.ts$/.test(s.path)).flatMap(relativeImports));
  const exempt =
    /(^|\/)(index|entities|config|main)\.ts$|-events?(-types)?\.ts$|\.(entity|module|config|metrics|errors|decorator|d)\.ts$/;
  const breaches = sources
    .filter(({ path, lines, lib }) => lib && lines < LIMITS.fragment && !exempt.test(path) && readers.get(path) === 1)
    .filter(({ path }) => !offered.has(path) && !existsSync(join(root, path.replace(/\.ts$/, '.spec.ts'))))
    .map(({ path, lines }) => `${path}: ${lines} lines, one reader`);
  return { name: 'fragments with one reader', value: String(breaches.length), limit: '0', breaches };
}

function twins(sources) {
  const homes = new Map();
  for (const source of sources) {
    if (source.lib === undefined) continue;
    for (const name of source.exports) homes.set(name, [...(homes.get(name) ?? []), source.path]);
  }
  const breaches = [...homes]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `${name}: ${paths.join(', ')}`);
  return { name: 'exported names that exist twice', value: String(breaches.length), limit: '0', breaches };
}

/** A provider that a module exports must be injected somewhere in the product. Use in tests does not count. */
function providers(sources) {
  const used = new Set(sources.flatMap(({ tree }) => [...injected(tree)]));
  const breaches = sources
    .filter((source) => source.path.endsWith('.module.ts'))
    .flatMap(({ tree, path }) => exportedProviders(tree).map((name) => [name, path]))
    .filter(([name]) => !used.has(name))
    .map(([name, path]) => `${name}: exported by ${path}, injected nowhere`);
  return { name: 'exported providers without a user', value: String(breaches.length), limit: '0', breaches };
}

/**
 * Class names in constructor parameters, `@Inject(X)`, `@UseGuards(X)` and similar, `inject: [X]`, `.get(X)` and
 * `.resolve(X)`, and classes that the app passes to a module: `.forRoot([.. X ..])`.
 */
function injected(tree) {
  const names = new Set();
  everyNode(tree, (node) => {
    if (ts.isConstructorDeclaration(node)) {
      for (const { type } of node.parameters)
        if (type && ts.isTypeReferenceNode(type)) names.add(type.typeName.getText());
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression.getText();
      if (/(^(Inject|Use\w+)$|\.(get|resolve)$)/.test(callee))
        for (const argument of node.arguments) names.add(argument.getText());
      if (callee.endsWith('.forRoot'))
        for (const argument of node.arguments)
          everyNode(argument, (item) => ts.isIdentifier(item) && names.add(item.text));
    } else if (ts.isPropertyAssignment(node) && node.name.getText() === 'inject') {
      everyNode(node.initializer, (item) => ts.isIdentifier(item) && names.add(item.text));
    }
  });
  return names;
}

function exportedProviders(tree) {
  const names = [];
  everyNode(tree, (node) => {
    if (!ts.isPropertyAssignment(node) || node.name.getText() !== 'exports') return;
    if (!ts.isArrayLiteralExpression(node.initializer)) return;
    for (const element of node.initializer.elements) {
      if (ts.isIdentifier(element) && !/Module$/.test(element.text)) names.push(element.text);
      if (ts.isSpreadElement(element)) names.push(...spread(tree, element.expression.getText()));
    }
  });
  return names;
}

/** The class names of `const offered = [A, B]` that is spread into `exports`. */
function spread(tree, name) {
  const names = [];
  everyNode(tree, (node) => {
    if (!ts.isVariableDeclaration(node) || node.name.getText() !== name || !node.initializer) return;
    if (!ts.isArrayLiteralExpression(node.initializer)) return;
    for (const element of node.initializer.elements) if (ts.isIdentifier(element)) names.push(element.text);
  });
  return names;
}

function figure(name, values, limit, describe) {
  const [worst, most] = [...values].reduce((a, b) => (b[1] > a[1] ? b : a), ['-', 0]);
  const breaches = [...values].filter(([, value]) => value > limit).map(([key, value]) => describe(key, value));
  return { name, value: `${most} (${worst})`, limit: String(limit), breaches };
}

function countBy(items, keyOf) {
  const counts = new Map();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
