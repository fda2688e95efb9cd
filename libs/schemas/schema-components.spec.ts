import { z } from 'zod';
import { inlineSchema, jsonValue, publishSchemas, publishShape, SchemaComponents } from './index.js';

const COMPONENTS = '#/components/schemas/';
const colour = z.enum(['red', 'green', 'blue']);
const wheel = z.strictObject({ id: z.uuid(), colour, spokes: z.int().default(32) });
const cart = z.object({ wheels: z.array(wheel), madeAt: z.iso.datetime(), note: jsonValue });
const tree: z.ZodType = z.unknown().describe('A tree');
const node = z.strictObject({ children: z.array(tree) });
const composed = z.record(z.string(), z.string());
publishSchemas({ SpecCart: cart, SpecColour: colour, SpecComposed: composed, SpecWheel: wheel });
publishShape('SpecTree', tree, () => node);

/** The components that a document of these uses has. */
function componentsOf(components: SchemaComponents, ...uses: object[]) {
  return components.complete({ uses }).components.schemas;
}

describe('the components of a document', () => {
  it('a published schema is a reference, and its parts are components', () => {
    const components = new SchemaComponents();
    const use = components.use(cart, 'output');
    expect(use).toEqual({ $ref: `${COMPONENTS}SpecCart` });
    const schemas = componentsOf(components, use);
    expect(Object.keys(schemas)).toEqual(['Json', 'SpecCart', 'SpecColour', 'SpecWheel', 'Time', 'Uuid']);
    expect(schemas['SpecCart']).toMatchObject({
      properties: { wheels: { items: { $ref: `${COMPONENTS}SpecWheel` } }, note: { $ref: `${COMPONENTS}Json` } },
    });
  });

  it('a schema that is read with a default and answered without one is two components', () => {
    const components = new SchemaComponents();
    const [read, answered] = [components.use(wheel, 'input'), components.use(wheel, 'output')];
    const { uses, components: all } = components.complete({ uses: [read, answered] });
    expect(uses).toEqual([{ $ref: `${COMPONENTS}SpecWheelInput` }, { $ref: `${COMPONENTS}SpecWheel` }]);
    expect(all.schemas).toMatchObject({
      SpecWheel: { required: ['id', 'colour', 'spokes'] },
      SpecWheelInput: { required: ['id', 'colour'] },
    });
  });

  it('a schema that is only read has its own name', () => {
    const components = new SchemaComponents();
    expect(components.complete({ use: components.use(wheel, 'input') }).use).toEqual({
      $ref: `${COMPONENTS}SpecWheel`,
    });
  });

  it('a copy of a published enumeration is a reference with its own description', () => {
    const components = new SchemaComponents();
    const use = components.use(z.object({ of: z.enum(['red', 'green', 'blue']).describe('Of the frame') }), 'output');
    expect(use).toMatchObject({ properties: { of: { $ref: `${COMPONENTS}SpecColour`, description: 'Of the frame' } } });
  });

  it('a refinement of a published schema is a reference to it', () => {
    const components = new SchemaComponents();
    const red = colour.refine((value) => value === 'red').describe('Red only');
    expect(components.complete(components.use(z.object({ red }), 'input'))).toMatchObject({
      properties: { red: { $ref: `${COMPONENTS}SpecColour`, description: 'Red only' } },
    });
  });

  it('a shape is published instead of the schema, and may refer to it', () => {
    const components = new SchemaComponents();
    expect(componentsOf(components, components.use(tree, 'output'))).toEqual({
      SpecTree: {
        description: 'A tree',
        type: 'object',
        properties: { children: { type: 'array', items: { $ref: `${COMPONENTS}SpecTree` } } },
        required: ['children'],
        additionalProperties: false,
      },
    });
  });

  it('the app gives the shape of a schema that it composes', () => {
    const components = new SchemaComponents({ SpecComposed: z.object({ wheel }) });
    expect(componentsOf(components, components.use(composed, 'output'))['SpecComposed']).toMatchObject({
      properties: { wheel: { $ref: `${COMPONENTS}SpecWheel` } },
    });
  });

  it('a name and a schema are published once', () => {
    expect(() => publishSchemas({ SpecCart: z.object({}) })).toThrow('Two schemas are published as SpecCart.');
    expect(() => publishSchemas({ SpecOther: cart })).toThrow('already published as SpecCart');
  });

  it('a recursive schema without a name is refused', () => {
    const list: z.ZodType = z.lazy(() => z.object({ next: list.nullable() }));
    expect(() => new SchemaComponents().use(list, 'output')).toThrow('must be published');
  });

  it('a reference to a schema that nothing uses is refused', () => {
    expect(() => new SchemaComponents().complete({ $ref: `${COMPONENTS}SpecCart` })).toThrow('SpecCart');
  });
});

describe('the JSON Schema of one schema', () => {
  it('has the published schemas in place, with their descriptions', () => {
    const { $schema: _, ...schema } = inlineSchema(z.object({ colour: colour.describe('Of the frame') }), 'input');
    expect(schema).toEqual({
      type: 'object',
      properties: { colour: { type: 'string', enum: ['red', 'green', 'blue'], description: 'Of the frame' } },
      required: ['colour'],
    });
  });
});
