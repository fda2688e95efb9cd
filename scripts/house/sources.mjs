// The sources of the product, parsed once, for the house rules.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** @typedef {{ path: string, folder: string, lib: string | undefined, lines: number, tree: ts.SourceFile, exports: string[] }} Source */

/** Every product source (no specs, no fixtures) of `folders` under `root`. @returns {Source[]} */
export function readSources(root, folders = ['libs', 'apps']) {
  return folders.flatMap((folder) => walk(join(root, folder)).map((file) => parse(root, file)));
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return /\.tsx?$/.test(entry.name) && !/\.(spec|fixture)\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function parse(root, file) {
  const text = readFileSync(file, 'utf8');
  const path = relative(root, file);
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  return {
    path,
    folder: dirname(path),
    lib: /^libs\/([^/]+)\//.exec(path)?.[1],
    lines: text.split('\n').length - 1,
    tree,
    exports: declaredExports(tree),
  };
}

/** Names that a file declares and exports itself; re-exports are no declarations. */
function declaredExports(tree) {
  const names = [];
  for (const statement of tree.statements) {
    if (!isExported(statement)) continue;
    if (ts.isVariableStatement(statement)) names.push(...statement.declarationList.declarations.flatMap(boundNames));
    else if (statement.name) names.push(statement.name.text);
  }
  return [...new Set(names)]; // overloads of a function, a type beside its constant
}

function boundNames({ name }) {
  return ts.isIdentifier(name) ? [name.text] : name.elements.map((element) => element.name.getText());
}

export function isExported(node) {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword);
}

/** Relative imports and re-exports of a source, as paths of sources. */
export function relativeImports(source) {
  return source.tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const specifier = statement.moduleSpecifier?.text;
    if (!specifier?.startsWith('.')) return [];
    return [join(source.folder, specifier).replace(/\.js$/, '.ts')];
  });
}

/** Calls `visit` with every node of the tree. */
export function everyNode(tree, visit) {
  visit(tree);
  ts.forEachChild(tree, (child) => everyNode(child, visit));
}
