// What rawdash's registry requires of a package, made from the component's manifest.

import { z } from 'zod';

const described = ({ name, description }) => ({ name, description });

const filterable = ({ field, ops, values }) => ({ field, ops, ...(values.length > 0 && { values }) });

/** A resource as rawdash declares it. */
function resource(info, responses) {
  const notes = info.scopes.length > 0 ? `Needs ${info.scopes.join(', ')}.` : undefined;
  const { shape, description, endpoint } = info;
  const base = {
    shape,
    description,
    endpoint,
    ...(notes && { notes }),
    ...(info.dynamic && { dynamic: true }),
    ...(responses && { responses }),
  };
  switch (shape) {
    case 'entity':
    case 'event':
      return {
        ...base,
        fields: info.fields.map(described),
        filterable: info.filterable.map(filterable),
      };
    case 'metric':
      return {
        ...base,
        ...(info.unit && { unit: info.unit }),
        ...(info.granularity && { granularity: info.granularity }),
        dimensions: info.dimensions.map(described),
        measures: info.measures.map(described),
      };
    case 'distribution':
      return { ...base, ...(info.unit && { unit: info.unit }) };
    default:
      return base;
  }
}

/**
 * rawdash's `resources`, by storage name.
 * @param {Record<string, object>} [responses] by resource, what it is read from
 */
export function resources(about, responses = {}) {
  const entry = (info) => [info.name, resource(info, responses[info.name])];
  return Object.fromEntries(about.resources.map(entry));
}

/** Whether a value is to reach the component as a reference. */
export const isSecret = (schema) => schema.writeOnly === true;

/** rawdash's `credentials`: what the engine hands over apart from the settings. */
export function credentials(schema) {
  const secrets = Object.entries(schema.properties ?? {}).filter(([, each]) => isSecret(each));
  const required = (name) => (schema.required?.includes(name) ? 'required' : 'optional');
  return Object.fromEntries(
    secrets.map(([name, each]) => [
      name,
      { description: each.description ?? each.title ?? name, auth: required(name) },
    ]),
  );
}

/** rawdash's `configFields`. What is absent stays absent: the component knows its defaults. */
export function configFields(schema) {
  const field = ([name, { default: byDefault, title, description, ...rest }]) => {
    const type = z.fromJSONSchema(rest);
    const meta = {
      label: title ?? name,
      ...(description && { description }),
      ...(byDefault !== undefined && { placeholder: String(byDefault) }),
      ...(isSecret(rest) && { secret: true }),
    };
    return [name, (schema.required?.includes(name) ? type : type.optional()).meta(meta)];
  };
  const shape = Object.fromEntries(Object.entries(schema.properties ?? {}).map(field));
  // As rawdash's own: what it does not know it leaves out.
  return schema.additionalProperties === false ? z.object(shape) : z.looseObject(shape);
}

/** rawdash's `doc`. */
export function doc({ name, documentation }) {
  return {
    displayName: name,
    category: documentation.category,
    tagline: documentation.tagline,
    ...(documentation.brandColor && { brandColor: documentation.brandColor }),
    vendor: {
      name: documentation.vendorName,
      domain: documentation.vendorDomain,
      ...(documentation.apiDocs && { apiDocs: documentation.apiDocs }),
    },
    auth: { summary: documentation.authSummary, setup: documentation.authSetup },
    ...(documentation.rateLimit && { rateLimit: documentation.rateLimit }),
    limitations: documentation.limitations,
  };
}

/** All of it, of a component of which nothing else is known. */
export const metadata = (about) => ({
  doc: doc(about),
  configFields: configFields(JSON.parse(about.configurationSchema)),
  resources: resources(about),
  // A component reads its source's answers itself.
  schemas: {},
});
