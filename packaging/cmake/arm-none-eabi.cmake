# A toolchain file for bare Cortex-M chips: cmake -DCMAKE_TOOLCHAIN_FILE=.../arm-none-eabi.cmake -DLOCK_FFI_CPU=cortex-m4
set(LOCK_FFI_CPU cortex-m4 CACHE STRING "What arm-none-eabi-gcc calls the core")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LOCK_FFI_CPU)
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-mcpu=${LOCK_FFI_CPU} -mthumb -ffreestanding -ffunction-sections -fdata-sections -fno-tree-loop-distribute-patterns")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostartfiles --specs=nano.specs -Wl,--gc-sections")
