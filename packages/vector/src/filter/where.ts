import type { MetadataScalar } from '../metadata.ts';

/** A condition on metadata, as Chroma's `where` has it; `key` may be `#document` where noted. */
export type Where =
  | { readonly kind: 'and' | 'or'; readonly children: readonly Where[] }
  | {
      readonly kind: 'equal' | 'notEqual';
      readonly key: string;
      readonly value: MetadataScalar;
    }
  | {
      readonly kind: 'greater' | 'greaterOrEqual' | 'less' | 'lessOrEqual';
      readonly key: string;
      readonly value: bigint | number;
    }
  | {
      readonly kind: 'in' | 'notIn';
      readonly key: string;
      readonly values: readonly MetadataScalar[];
    }
  | {
      /** An item of a list. */
      readonly kind: 'contains' | 'notContains';
      readonly key: string;
      readonly value: MetadataScalar;
    }
  | { readonly kind: 'id'; readonly values: readonly string[]; readonly isNegated: boolean }
  | WhereDocument;

/** A condition on the document; the negated forms hold for records without one. */
export type WhereDocument =
  | { readonly kind: 'and' | 'or'; readonly children: readonly WhereDocument[] }
  | {
      readonly kind: 'documentContains' | 'documentNotContains';
      /** Compared character by character, case-sensitively. */
      readonly text: string;
    }
  | {
      readonly kind: 'documentMatches' | 'documentNotMatches';
      /** RE2 syntax: no look-around, no back-references. Found anywhere in the document. */
      readonly pattern: string;
    };
