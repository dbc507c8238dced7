// The example's own tests, as its readers would run them.
import '../../examples/library/components.test.ts';
