#include "store/sql/session.hpp"
#include "store/sql/sql_transaction.hpp"

namespace berth::sql {
namespace {

constexpr Literal kImage =
    "select iid, did, name, owner, is_public, reference, size_bytes, state, source, created_at "
    "from images ";
constexpr auto kImageByIid = kImage + "where iid = :iid";
constexpr auto kImages = kImage + "order by iid limit :most";
constexpr auto kImagesOfOwner = kImage + "where owner = :owner order by iid limit :most";
constexpr auto kPublicImages = kImage + "where is_public = 1 order by iid limit :most";
constexpr auto kImagesOnDevice = kImage + "where did = :did order by iid limit :most";

auto image_columns(ImageRow& i) {
  return std::tie(i.iid, i.did, i.name, i.owner, i.is_public, i.reference, i.size_bytes, i.state,
                  i.source, i.created_at);
}

}  // namespace

ImageId SqlTransaction::insert_image(const ImageRow& i) {
  return *session_.value<ImageId>(
      "insert into images (did, name, owner, is_public, reference, size_bytes, state, source, "
      "created_at) "
      "values (:did, :name, :owner, :is_public, :reference, :size_bytes, :state, :source, "
      ":created_at) returning iid",
      i.did, i.name, i.owner, i.is_public, i.reference, i.size_bytes, i.state, i.source,
      i.created_at);
}

std::optional<ImageRow> SqlTransaction::image(ImageId iid) {
  return session_.row<ImageRow>(kImageByIid, image_columns, iid);
}

std::vector<ImageRow> SqlTransaction::images(std::size_t limit) {
  return session_.rows<ImageRow>(kImages, image_columns, limit);
}

std::vector<ImageRow> SqlTransaction::images_of(UserId owner, std::size_t limit) {
  return session_.rows<ImageRow>(kImagesOfOwner, image_columns, owner, limit);
}

std::vector<ImageRow> SqlTransaction::public_images(std::size_t limit) {
  return session_.rows<ImageRow>(kPublicImages, image_columns, limit);
}

std::vector<ImageRow> SqlTransaction::images_on(DeviceId did, std::size_t limit) {
  return session_.rows<ImageRow>(kImagesOnDevice, image_columns, did, limit);
}

void SqlTransaction::update_image(const ImageRow& i) {
  session_.run(
      "update images set name = :name, owner = :owner, is_public = :is_public, reference = "
      ":reference, "
      "size_bytes = :size_bytes, state = :state, created_at = :created_at where iid = :iid",
      i.name, i.owner, i.is_public, i.reference, i.size_bytes, i.state, i.created_at, i.iid);
}

void SqlTransaction::delete_image(ImageId iid) {
  session_.run("delete from images where iid = :iid", iid);
}

std::int64_t SqlTransaction::count_containers_of_image(ImageId iid) {
  return *session_.value<std::int64_t>("select count(*) from containers where iid = :iid", iid);
}

}  // namespace berth::sql
