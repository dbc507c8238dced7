import { describe, expect, it } from 'vitest';
import { CelBudget, CelError, compile } from '../../../src/types/cel/expression.ts';
import { celValue, jsonValue } from '../../../src/types/cel/values.ts';

const self = celValue({
  name: 'web',
  namespace: 'default',
  replicas: 3,
  ratio: 1.5,
  ports: [{ name: 'http', port: 80 }, { port: 443 }],
  labels: { app: 'web', 'my/key': 'x' },
  none: null,
  address: '10.1.2.3',
});

function answer(text: string): unknown {
  return jsonValue(compile(text, ['self']).evaluate({ self }));
}

describe('expressions', () => {
  it.each([
    ['self.replicas > 2 && self.ratio > 1', true],
    ['has(self.ports[0].name) && !has(self.ports[1].name)', true],
    ['has(self.nothing)', false],
    ['self.namespace == "default"', true],
    ['self.ports.all(p, p.port > 0)', true],
    ['self.ports.exists(p, has(p.name) && p.name == "http")', true],
    ['self.ports.existsOne(p, p.port == 443)', true],
    ['self.ports.map(p, p.port)', [80, 443]],
    ['self.ports.filter(p, p.port > 100).size()', 1],
    ['self.labels.all(k, self.labels[k] != "")', true],
    ['self.labels.exists(k, v, v == "web")', true],
    ['self.ports.all(i, p, p.port > i)', true],
    ['self.ports.transformList(i, p, i)', [0, 1]],
    ['self.labels.transformMap(k, v, v + "!")', { app: 'web!', 'my/key': 'x!' }],
    ['self.none == null', true],
    ['self.?missing.orValue(7)', 7],
    ['self.?labels.?app.optMap(v, v + "s").orValue("")', 'webs'],
    ['self.name.matches("^[a-z]+$")', true],
    ["'/a(b)'.matches(r'''^(?:[-A-Za-z0-9/._~!$&()*+,;=:@]|[%][0-9a-fA-F]{2})+$''')", true],
    ["'a]b'.matches('^[]a]+b$')", true],
    ['"abc".replace("b", "x").charAt(1)', 'x'],
    ['"%s has %d of %.2f".format([self.name, self.replicas, self.ratio])', 'web has 3 of 1.50'],
    ['"a1b22".find("[0-9]+") + "a1b22".findAll("[0-9]+")[1]', '122'],
    ['[3, 1, 2].max() - [3, 1, 2].min()', 2],
    ['[1, 2, 3].sum()', 6],
    ['[1, 2].isSorted() && [1, 2].indexOf(2) == 1', true],
    ['sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 2], [2, 1, 1])', true],
    ['quantity("1.5Gi").isGreaterThan(quantity("1Gi"))', true],
    ['quantity("50k").add(quantity("20k")) == quantity("70k")', true],
    ['isQuantity("1 Gi")', false],
    ['url("https://example.com:80/a/b?x=1").getHostname()', 'example.com'],
    ['url("https://example.com:80/a/b?x=1").getPort()', '80'],
    ['url("/a/b").getScheme()', ''],
    ['isURL("::nope::")', false],
    ['ip(self.address).family()', 4],
    ['cidr("10.0.0.0/8").containsIP(self.address)', true],
    ['cidr("10.1.2.3/8").masked() == cidr("10.0.0.0/8")', true],
    ['ip.isCanonical("2001:0db8::1")', false],
    ['string(ip("2001:0db8:0:0:0:0:0:1"))', '2001:db8::1'],
    ['ip("127.0.0.1").isLoopback() && !ip("10.0.0.1").isLoopback()', true],
    ['semver("1.2.3-rc.1").isLessThan(semver("1.2.3"))', true],
    ['isSemver("v1.2") ', false],
    ['format.dns1123Label().validate("Bad_").hasValue()', true],
    ['duration("90m") > duration("1h") && string(duration("90s")) == "90s"', true],
    ['timestamp("2024-01-01T00:00:00Z") < timestamp("2024-01-02T00:00:00Z")', true],
    ['string(timestamp("2024-01-01T00:00:00Z"))', '2024-01-01T00:00:00Z'],
    ['cel.bind(n, self.replicas * 2, n + n)', 12],
    ['optional.ofNonZeroValue("").hasValue()', false],
    ['type(self.replicas) == int', true],
    ['self.nothing.x == 1 || true', true],
  ])('%s', (text, wanted) => {
    expect(answer(text)).toEqual(wanted);
  });

  it('tell where they cannot be read', () => {
    expect(() => compile('self.a +', ['self'])).toThrow(/^ERROR: <input>:1:9: Syntax error/);
    expect(() => compile('other.a', ['self'])).toThrow("undeclared reference to 'other' (in container '')");
    expect(() => compile('1 + "a"', ['self'])).toThrow(
      /found no matching overload for '_\+_' applied to '\(int, string\)'/,
    );
  });

  it.each([
    ['self.nothing', 'no such key: nothing'],
    ['self.ports[7]', 'index out of bounds: 7'],
    ['self.replicas / 0', 'division by zero'],
    ['self.name + self.replicas', 'no such overload'],
  ])('%s has no answer', (text, wanted) => {
    expect(() => answer(text)).toThrow(wanted);
  });

  it('end after their share of steps', () => {
    const list = Array.from({ length: 2000 }, (_, index) => index);
    const slow = compile('self.all(a, self.all(b, self.all(c, a + b + c >= 0)))', ['self']);
    const budget = new CelBudget();
    expect(() => slow.evaluate({ self: celValue(list) }, budget)).toThrow('actual cost limit exceeded');
    expect(budget.remaining).toBeLessThan(10_000_000);
    expect(budget.remaining).toBeGreaterThan(8_000_000);
    expect(() => slow.evaluate({ self: celValue(list) }, new CelBudget(10))).toThrow(CelError);
  });

  it('give up on patterns that take too long', () => {
    const text = celValue(`${'a'.repeat(60)}!`);
    const match = compile('self.matches("^(a+)+$")', ['self']);
    expect(() => match.evaluate({ self: text })).toThrow('could not be matched within');
    expect(match.evaluate({ self: celValue('aaa') })).toBe(true);
    const many = celValue(Array.from({ length: 500 }, () => `${'a'.repeat(60)}!`));
    const all = compile('self.exists(text, text.matches("^(a+)+$")) || true', ['self']);
    expect(() => all.evaluate({ self: many })).toThrow('could not be matched within');
  });

  it('read numbers and names as their schema says', () => {
    const schema = {
      type: 'object',
      properties: { 'my-field': { type: 'number' }, at: { type: 'string', format: 'date-time' } },
    };
    const value = celValue({ 'my-field': 2, at: '2024-05-01T00:00:00Z' }, schema);
    expect(
      compile('self.my__dash__field / 4.0 == 0.5 && self.at.getMonth() == 4', ['self']).evaluate({ self: value }),
    ).toBe(true);
  });
});
