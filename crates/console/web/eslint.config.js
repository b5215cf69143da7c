import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["src/api/schema.gen.ts", "test-results", "screenshots", "scripts"] },
  ...ts.configs.strict,
  a11y.flatConfigs.recommended,
  hooks.configs.flat.recommended,
  {
    rules: {
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "no-restricted-properties": ["error", { property: "innerHTML", message: "what others wrote may hold scripts" }],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "what others wrote may hold scripts" },
        { selector: "CallExpression[callee.name='setInterval']", message: "nothing polls; for clocks use ui/time" },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  // What fixtures are handed over with is called `use`, too.
  { files: ["stories/**"], rules: { "react-hooks/rules-of-hooks": "off", "no-empty-pattern": "off" } },
);
