/** A number, or a function of the variables that makes one. Whatever is known at once becomes a number at once. */
export type Variables = Readonly<Record<string, unknown>>;

export type Formula = number | ((variables: Variables) => number);

export function add(formulas: readonly Formula[]): Formula {
  return fold(formulas, 0, (a, b) => a + b);
}

export function largest(formulas: readonly Formula[]): Formula {
  return fold(formulas, 0, Math.max);
}

export function multiply(a: Formula, b: Formula): Formula {
  if (a === 0 || b === 0) return 0;
  return fold([a, b], 1, (x, y) => x * y);
}

function fold(
  formulas: readonly Formula[],
  neutral: number,
  combine: (a: number, b: number) => number,
): Formula {
  let constant = neutral;
  const unknown: ((variables: Variables) => number)[] = [];
  for (const formula of formulas) {
    if (typeof formula === "number") constant = combine(constant, formula);
    else unknown.push(formula);
  }
  if (unknown.length === 0) return constant;
  return (variables) => {
    let value = constant;
    for (const formula of unknown) value = combine(value, formula(variables));
    return value;
  };
}
