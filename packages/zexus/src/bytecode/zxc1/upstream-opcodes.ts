/** The opcodes of upstream's machines by number. Contracts can use those of `OPCODES` alone. */
const UPSTREAM_OPCODES: ReadonlyMap<number, string> = new Map(
  [
    [1, 'LOAD_CONST LOAD_NAME STORE_NAME STORE_FUNC POP DUP'],
    [10, 'ADD SUB MUL DIV MOD POW NEG'],
    [20, 'EQ NEQ LT GT LTE GTE'],
    [30, 'AND OR NOT'],
    [40, 'JUMP JUMP_IF_FALSE JUMP_IF_TRUE RETURN'],
    [50, 'CALL_NAME CALL_FUNC_CONST CALL_TOP CALL_BUILTIN CALL_METHOD'],
    [60, 'BUILD_LIST BUILD_MAP BUILD_SET INDEX SLICE GET_ATTR'],
    [70, 'SPAWN AWAIT SPAWN_CALL'],
    [80, 'REGISTER_EVENT EMIT_EVENT'],
    [90, 'IMPORT EXPORT'],
    [100, 'DEFINE_ENUM DEFINE_PROTOCOL ASSERT_PROTOCOL'],
    [110, 'HASH_BLOCK VERIFY_SIGNATURE MERKLE_ROOT STATE_READ STATE_WRITE'],
    [115, 'TX_BEGIN TX_COMMIT TX_REVERT GAS_CHARGE LEDGER_APPEND'],
    [120, 'DEFINE_SCREEN DEFINE_COMPONENT DEFINE_THEME'],
    [130, 'REQUIRE DEFINE_CONTRACT DEFINE_ENTITY DEFINE_CAPABILITY'],
    [134, 'GRANT_CAPABILITY REVOKE_CAPABILITY AUDIT_LOG RESTRICT_ACCESS'],
    [140, 'SETUP_TRY POP_TRY THROW'],
    [150, 'FOR_ITER'],
    [160, 'ENABLE_ERROR_MODE'],
    [200, 'LOAD_REG LOAD_VAR_REG STORE_REG MOV_REG'],
    [210, 'ADD_REG SUB_REG MUL_REG DIV_REG MOD_REG POW_REG NEG_REG'],
    [220, 'EQ_REG NEQ_REG LT_REG GT_REG LTE_REG GTE_REG'],
    [230, 'AND_REG OR_REG NOT_REG'],
    [240, 'PUSH_REG POP_REG'],
    [250, 'PRINT READ WRITE'],
    [255, 'NOP'],
    [300, 'PARALLEL_START PARALLEL_END BARRIER SPAWN_TASK TASK_JOIN TASK_RESULT'],
    [306, 'LOCK_ACQUIRE LOCK_RELEASE ATOMIC_ADD ATOMIC_CAS'],
  ].flatMap(([first, names]) =>
    (names as string)
      .split(' ')
      .map((name, index): [number, string] => [(first as number) + index, name]),
  ),
);

const byName: ReadonlyMap<string, number> = new Map(
  [...UPSTREAM_OPCODES].map(([code, name]) => [name, code]),
);

/** The number of an opcode of upstream; undefined for a name that is none. */
export function upstreamOpcode(name: string): number | undefined {
  return byName.get(name);
}

/** The name of an opcode of upstream; undefined for a number that is none. */
export function upstreamOpcodeName(code: number): string | undefined {
  return UPSTREAM_OPCODES.get(code);
}
