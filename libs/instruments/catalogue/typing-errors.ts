import { likeSafe, type SqlParameters } from './instrument-filter.js';

/** Minimum trigram similarity. pg_trgm's default is 0.6, but two swapped letters (RELAINCE for RELIANCE) leave 0.38. */
export const SIMILAR = 0.3;

/** Maximum number of texts whose letters are compared: those that are nearest by trigrams. */
const MOST_NEAR = 300;

/** Maximum number of letters that are compared; levenshtein() takes 255 bytes, and a letter may take four. */
const MOST_LETTERS = 40;

/**
 * The texts that a query with typing errors may mean, the nearest first, as SQL: `text`, and `likeness` from 0 to 1.2. Trigrams judge
 * swapped letters wrongly: to RELAINCE, RELAXO is nearer than RELIANCE. So the letters of the nearest texts are compared, too.
 * @param texts SQL with the column `text`, each once
 */
export function nearestSql(query: string, texts: string, most: number, bind: SqlParameters['bind']): string {
  const letters = query.toUpperCase();
  const begins = bind(`${likeSafe(letters.slice(0, 2))}%`, 'text');
  // Typing errors are more common in the middle of a word than at its start.
  const start = (text: string) => `CASE WHEN upper(${text}) LIKE ${begins} THEN 0.2 ELSE 0 END`;
  const common = lettersInCommon(bind(letters.slice(0, MOST_LETTERS), 'text'), 'near.text');
  return `SELECT near.text, greatest(near.nearness, ${common} + ${start('near.text')}) AS likeness FROM (
      SELECT every.text, word_similarity(${bind(query, 'text')}, every.text) + ${start('every.text')} AS nearness
      FROM (${texts}) every ORDER BY nearness DESC, every.text LIMIT ${MOST_NEAR}
    ) near ORDER BY likeness DESC, near.text LIMIT ${most}`;
}

/** The part of the letters of a text that begin another one, in their order: 0.75 for RELAINCE and RELIANCE. */
function lettersInCommon(text: string, other: string): string {
  return `(1 - levenshtein(${text}, left(upper(${other}), length(${text})))::real / greatest(length(${text}), 1))`;
}
