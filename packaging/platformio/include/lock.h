/* In the repository the header lies beside its sources; in a packed library it is this file itself. */
#include "../../../lock-ffi/include/lock.h"
