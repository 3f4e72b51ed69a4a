// SPDX-License-Identifier: GPL-2.0
#include "cli/firewall.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/prefix.h"

enum { DEPTH_MAX = 16, EXIT_NO_EXEC = 127 };

/* ---- reading ---- */

static _Noreturn void run_nft(int to)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	static char *const args[] = { "nft", "-j", "list", "ruleset", NULL };

	if (dup2(to, STDOUT_FILENO) >= 0) {
		execve("/usr/sbin/nft", args, environment);
		execve("/sbin/nft", args, environment);
	}
	_exit(EXIT_NO_EXEC);
}

json_t *firewall_read(struct why *why)
{
	json_error_t error;
	json_t *rules;
	int fds[2], status = 0;
	pid_t pid;

	if (pipe(fds)) {
		why_set(why, "%s", strerror(errno));
		return NULL;
	}
	pid = fork();
	if (!pid)
		run_nft(fds[1]);
	close(fds[1]);
	rules = pid < 0 ? NULL : json_loadfd(fds[0], 0, &error);
	close(fds[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (!rules)
		why_set(why, WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_EXEC ? "the program nft is not here" :
			"nft does not tell the rules");
	return rules;
}

/* ---- matching: what is not understood may be so or not ---- */

enum answer { NO, MAYBE, YES };

static enum answer answer_of(bool yes)
{
	return yes ? YES : NO;
}

static bool is_word(const json_t *value, const char *word)
{
	const char *text = json_string_value(value);

	return text && !strcmp(text, word);
}

/* Is @number one of what the rule has on its right side: a number, a range, a set of these? */
static enum answer match_number(const json_t *right, json_int_t number)
{
	const json_t *range = json_object_get(right, "range"), *set = json_object_get(right, "set"), *member;
	enum answer best = NO, one;
	size_t i;

	if (json_is_integer(right))
		return answer_of(json_integer_value(right) == number);
	if (json_array_size(range) == 2 && json_is_integer(json_array_get(range, 0)))
		return answer_of(json_integer_value(json_array_get(range, 0)) <= number &&
				 number <= json_integer_value(json_array_get(range, 1)));
	if (!json_is_array(set))
		return MAYBE;
	json_array_foreach(set, i, member) {
		one = match_number(member, number);
		best = one > best ? one : best;
	}
	return best;
}

static enum answer match_protocol(const json_t *right, uint8_t protocol)
{
	const json_t *set = json_object_get(right, "set"), *member;
	enum answer best = NO, one;
	size_t i;

	if (json_is_string(right))
		return answer_of(is_word(right, protocol == IPPROTO_UDP ? "udp" : "esp"));
	if (!json_is_array(set))
		return match_number(right, protocol);
	json_array_foreach(set, i, member) {
		one = match_protocol(member, protocol);
		best = one > best ? one : best;
	}
	return best;
}

static enum answer match_source(const json_t *right, const struct firewall_packet *packet)
{
	const json_t *of = json_object_get(right, "prefix");
	const char *addr = json_string_value(of ? json_object_get(of, "addr") : right);
	struct ip_prefix prefix;
	struct ip_addr base;
	struct why why;

	/* Of one that comes from anywhere only "from anywhere" is sure. */
	if (!packet->from.len || !addr || addr_parse(addr, &base, &why) || base.len != packet->from.len)
		return MAYBE;
	prefix = prefix_of(&base, of ? json_integer_value(json_object_get(of, "len")) : base.len * 8);
	return answer_of(prefix_holds(&prefix, &packet->from));
}

static enum answer match_payload(const json_t *payload, const json_t *right, const struct firewall_packet *packet)
{
	const json_t *protocol = json_object_get(payload, "protocol"), *field = json_object_get(payload, "field");
	const char *family = packet->len == 4 ? "ip" : "ip6";

	if (is_word(protocol, "udp") || is_word(protocol, "th")) {
		if (packet->protocol != IPPROTO_UDP)
			return is_word(protocol, "th") ? MAYBE : NO;
		return is_word(field, "dport") ? match_number(right, packet->port) : MAYBE;
	}
	if (is_word(protocol, "esp"))
		return packet->protocol == IPPROTO_ESP ? MAYBE : NO;
	if (is_word(protocol, "ip") || is_word(protocol, "ip6")) {
		if (!is_word(protocol, family))
			return NO;
		if (is_word(field, "protocol") || is_word(field, "nexthdr"))
			return match_protocol(right, packet->protocol);
		return is_word(field, "saddr") ? match_source(right, packet) : MAYBE;
	}
	/* tcp, icmp, sctp and so on. */
	return NO;
}

static enum answer match_meta(const json_t *key, const json_t *right, const struct firewall_packet *packet)
{
	if (is_word(key, "l4proto"))
		return match_protocol(right, packet->protocol);
	if (is_word(key, "nfproto") && json_is_string(right))
		return answer_of(is_word(right, packet->len == 4 ? "ipv4" : "ipv6"));
	if ((is_word(key, "iifname") || is_word(key, "iif")) && is_word(right, "lo"))
		return NO;
	return MAYBE;
}

static enum answer match_state(const json_t *right, const struct firewall_packet *packet)
{
	const char *wanted = packet->established ? "established" : "new";
	const json_t *list = json_is_object(right) ? json_object_get(right, "set") : right, *word;
	size_t i;

	if (json_is_string(right))
		return answer_of(is_word(right, wanted));
	json_array_foreach(list, i, word)
		if (is_word(word, wanted))
			return YES;
	return json_is_array(list) ? NO : MAYBE;
}

static enum answer match_one(const json_t *match, const struct firewall_packet *packet)
{
	const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
	const json_t *payload = json_object_get(left, "payload"), *meta = json_object_get(left, "meta");
	const json_t *ct = json_object_get(left, "ct");
	enum answer answer = MAYBE;

	if (payload)
		answer = match_payload(payload, right, packet);
	else if (meta)
		answer = match_meta(json_object_get(meta, "key"), right, packet);
	else if (ct && is_word(json_object_get(ct, "key"), "state"))
		answer = match_state(right, packet);
	return is_word(json_object_get(match, "op"), "!=") ? YES - answer : answer;
}

/* ---- walking ---- */

struct walk {
	const json_t *objects;		/* the list of nft */
	const struct firewall_packet *packet;
	const json_t *chain;		/* where it was dropped */
	bool may_pass, may_drop;
};

enum step { GO_ON, RETURN, PASS, DROP };

static const json_t *find_chain(const struct walk *walk, const json_t *like, const char *name)
{
	const json_t *object, *chain;
	size_t i;

	json_array_foreach(walk->objects, i, object) {
		chain = json_object_get(object, "chain");
		if (chain && is_word(json_object_get(chain, "name"), name) &&
		    json_equal(json_object_get(chain, "family"), json_object_get(like, "family")) &&
		    json_equal(json_object_get(chain, "table"), json_object_get(like, "table")))
			return chain;
	}
	return NULL;
}

static enum step walk_chain(struct walk *walk, const json_t *chain, int depth);

/* A verdict that a rule has reached, for sure or maybe. */
static enum step take_verdict(struct walk *walk, const json_t *chain, const json_t *statement, enum answer answer,
			      int depth)
{
	const json_t *jump = json_object_get(statement, "jump"), *go = json_object_get(statement, "goto"), *to;
	bool drops = json_object_get(statement, "drop") || json_object_get(statement, "reject");
	enum step step = GO_ON;

	if (drops || json_object_get(statement, "accept")) {
		step = drops ? DROP : PASS;
	} else if (json_object_get(statement, "return")) {
		step = RETURN;
	} else if (jump || go) {
		to = find_chain(walk, chain, json_string_value(json_object_get(jump ? jump : go, "target")));
		step = to && depth < DEPTH_MAX ? walk_chain(walk, to, depth + 1) : GO_ON;
		step = step == RETURN ? go ? RETURN : GO_ON : step;
	} else {
		/* A map of verdicts, a queue: who knows? */
		walk->may_pass |= json_object_get(statement, "vmap") || json_object_get(statement, "queue");
		return GO_ON;
	}
	if (answer == YES) {
		if (step == DROP && !walk->chain)
			walk->chain = chain;
		return step;
	}
	walk->may_pass |= step == PASS || step == RETURN;
	walk->may_drop |= step == DROP;
	return GO_ON;
}

static enum step walk_rule(struct walk *walk, const json_t *chain, const json_t *rule, int depth)
{
	enum answer answer = YES, one;
	const json_t *statement, *match;
	enum step step = GO_ON;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, statement) {
		match = json_object_get(statement, "match");
		if (match) {
			one = match_one(match, walk->packet);
			answer = one < answer ? one : answer;
		} else if (json_object_get(statement, "xt") || json_object_get(statement, "limit")) {
			answer = answer < MAYBE ? answer : MAYBE;
		}
		if (answer == NO)
			return GO_ON;
		if (!match)
			step = take_verdict(walk, chain, statement, answer, depth);
		if (step != GO_ON)
			return step;
	}
	return GO_ON;
}

static enum step walk_chain(struct walk *walk, const json_t *chain, int depth)
{
	const json_t *object, *rule;
	enum step step;
	size_t i;

	json_array_foreach(walk->objects, i, object) {
		rule = json_object_get(object, "rule");
		if (!rule || !json_equal(json_object_get(rule, "chain"), json_object_get(chain, "name")) ||
		    !json_equal(json_object_get(rule, "table"), json_object_get(chain, "table")) ||
		    !json_equal(json_object_get(rule, "family"), json_object_get(chain, "family")))
			continue;
		step = walk_rule(walk, chain, rule, depth);
		if (step != GO_ON)
			return step;
	}
	return RETURN;
}

/* One on the way into the host, of the packet's family. */
static bool is_base(const json_t *chain, const struct firewall_packet *packet)
{
	const json_t *hook = json_object_get(chain, "hook"), *family = json_object_get(chain, "family");

	return (is_word(hook, "input") || is_word(hook, "prerouting")) && is_word(json_object_get(chain, "type"), "filter") &&
	       (is_word(family, "inet") || is_word(family, packet->len == 4 ? "ip" : "ip6"));
}

enum firewall_verdict firewall_judge(const json_t *rules, const struct firewall_packet *packet, char *text,
				     size_t size)
{
	struct walk walk = { .objects = json_object_get(rules, "nftables"), .packet = packet };
	const json_t *object, *chain;
	bool unsure = false;
	enum step step;
	size_t i;

	json_array_foreach(walk.objects, i, object) {
		chain = json_object_get(object, "chain");
		if (!chain || !is_base(chain, packet))
			continue;
		walk.may_pass = walk.may_drop = false;
		walk.chain = NULL;
		step = walk_chain(&walk, chain, 0);
		if (step == RETURN && is_word(json_object_get(chain, "policy"), "drop"))
			step = DROP;
		if (step == DROP && !walk.may_pass) {
			chain = walk.chain ? walk.chain : chain;
			snprintf(text, size, "table %s %s, chain %s", json_string_value(json_object_get(chain, "family")),
				 json_string_value(json_object_get(chain, "table")),
				 json_string_value(json_object_get(chain, "name")));
			return FIREWALL_DROPS;
		}
		unsure |= step == DROP || walk.may_drop;
	}
	return unsure ? FIREWALL_UNSURE : FIREWALL_PASSES;
}
