# cmake -DFOLDER=... -DOUTPUT=... -P embed_migrations.cmake
# Turns migrations/NNNN_name.sql into a C++ table, in the order of their numbers.
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(rows)
foreach(file ${files})
  get_filename_component(name ${file} NAME_WE)
  if(NOT name MATCHES "^[0-9][0-9][0-9][0-9]_")
    message(FATAL_ERROR "${file}: a migration is called NNNN_name.sql")
  endif()
  string(REGEX REPLACE "^0*([0-9]+)_.*" "\\1" number ${name})
  file(READ ${file} text)
  string(APPEND rows "    {${number}, \"${name}\", R\"sql(${text})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"store/sql/migrate.hpp\"

namespace berth {

std::span<const Migration> migrations() {
  static constexpr Migration kAll[] = {
${rows}  };
  return kAll;
}

}  // namespace berth
")
