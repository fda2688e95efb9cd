// Draws libs/plan.mjs as Mermaid: `npm run -s graph > plan.mmd`. Foundation is one slab, so its edges are not drawn.
import { domain, foundation } from '../libs/plan.mjs';

const lines = ['graph BT', '  subgraph foundation'];
for (const lib of foundation) lines.push(`    ${lib}`);
lines.push('  end');
for (const [lib, uses] of Object.entries(domain)) {
  if (uses.length === 0) lines.push(`  ${lib} --> foundation`);
  for (const used of uses) lines.push(`  ${lib} --> ${used}`);
}
process.stdout.write(`${lines.join('\n')}\n`);
