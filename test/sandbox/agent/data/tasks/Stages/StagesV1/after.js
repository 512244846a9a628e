// Runs the JavaScript of an input.
new Function('require', process.env.INPUT_AFTER)(require);
