// Lint rules of this house. `.oxlintrc.json` says where each holds.

/** A rule that reports each node for which a visitor returns true. */
const rule = (message, visitors) => ({
  meta: { type: 'problem', messages: { found: message } },
  create: (context) =>
    Object.fromEntries(
      Object.entries(visitors).map(([type, isFault]) => [
        type,
        (node) => {
          if (isFault(node)) context.report({ node, messageId: 'found' });
        },
      ]),
    ),
});

const insertsIntoFeed = (text) => /INTO change_feed/i.test(text);

/** Is each use of this import a type? In a file with decorators a type may be injected, and is needed at run time. */
const isOnlyType = (context, specifier) => {
  if (specifier.importKind === 'type' || specifier.parent.importKind === 'type') return false;
  const { references } = context.sourceCode.getDeclaredVariables(specifier)[0];
  return references.length > 0 && references.every(({ isTypeReference }) => isTypeReference);
};

/** In place of oxlint's consistent-type-imports, which knows no decorators: it would make types of injected classes. */
const typeImports = {
  meta: { type: 'problem', messages: { found: '{{name}} is only used as a type: write `type {{name}}`.' } },
  create(context) {
    const found = [];
    let decorated = false;
    const check = (node) => {
      if (isOnlyType(context, node)) found.push(node);
    };
    return {
      Decorator: () => void (decorated = true),
      ImportSpecifier: check,
      ImportDefaultSpecifier: check,
      'Program:exit'() {
        if (decorated) return;
        for (const node of found) context.report({ node, messageId: 'found', data: { name: node.local.name } });
      },
    };
  },
};

export default {
  meta: { name: 'house' },
  rules: {
    'type-imports': typeImports,
    'topic-of-topics': rule(
      'A topic is a member of TOPICS (libs/changes/topics.ts): add it there instead of casting.',
      { TSAsExpression: ({ typeAnnotation }) => typeAnnotation.typeName?.name === 'Topic' },
    ),
    'append-to-the-feed': rule(
      'Append to the change feed with appendSql() from #changes, so that the topic is a member of TOPICS.',
      {
        TemplateElement: ({ value }) => insertsIntoFeed(value.raw),
        Literal: ({ value }) => typeof value === 'string' && insertsIntoFeed(value),
      },
    ),
    'documented-errors': rule(
      'Every error has a documented code: declare it with defineErrors() and make it with the function that returns.',
      { NewExpression: ({ callee }) => callee.name === 'DomainError' },
    ),
  },
};
